import Bus
import Messages
import ReceiverStore

/// The cheap checks, made on the bus's thread before anything costs: what fails here takes no signature check, no read
/// and no write.
struct Intake {
    private let channels: KeptChannels
    private let refuses2011: Bool
    private let policy: Policy
    private let clocks: ClockWatch
    private var recent = Recent<MessageID>(capacity: Limits.recentIDs)
    /// Deliveries that went on and are not settled.
    private(set) var underWay = 0

    init(channels: KeptChannels, refuses2011: Bool, policy: Policy, clocks: ClockWatch) {
        self.channels = channels
        self.refuses2011 = refuses2011
        self.policy = policy
        self.clocks = clocks
    }

    enum Verdict: Equatable {
        case clear(Ack.Outcome)
        /// It is counted as under way.
        case goesOn(isEarly: Bool)
    }

    /// - Parameter now: this receiver's clock, milliseconds since 1970.
    mutating func check(_ message: SignedMessage, from source: Source, now: Int64) -> Verdict {
        if recent.contains(message.id) { return .clear(.duplicate) }
        guard channels.contains(message.end) else { return .clear(.refused(.channelUnknown)) }
        if refuses2011, message.scheme == .legacy { return .clear(.refused(.weakSignature)) }
        var isEarly = false
        do throws(MessageError) {
            try message.checkTime(now: now)
        } catch {
            // An own client has the clock of this node, or hears of it at once. In the mesh nobody sends it again.
            guard case .peer = source else { return .clear(.refused(Refusal(error))) }
            isEarly = true
        }
        if let refusal = clocks.refusal(of: message, receivedAt: now, now: now) { return .clear(.refused(refusal)) }
        if let refusal = policy.refusal(of: message, from: source) { return .clear(.refused(refusal)) }
        guard underWay < Limits.deliveriesUnderWay else { return .clear(.failed(.busy)) }
        underWay += 1
        return .goesOn(isEarly: isEarly)
    }

    /// A message that went on has reached its end.
    mutating func settle(_ settled: Settled) {
        underWay -= 1
        switch settled.outcome {
        // Only what is durable: whoever is told "duplicate" may rely on it.
        case .stored, .duplicate: recent.insert(settled.message)
        case .refused, .failed: break
        }
    }
}
