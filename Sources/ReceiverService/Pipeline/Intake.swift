import Bus
import Messages

/// The cheap checks, made on the bus's thread before anything costs: what fails here takes no signature check, no read
/// and no write.
struct Intake {
    private let ends: Set<EndHash>
    private let refuses2011: Bool
    private let policy: Policy
    private var recent = RecentIDs(capacity: Limits.recentIDs)
    /// Deliveries that went on and are not settled.
    private(set) var underWay = 0

    init(channels: [Channel], refuses2011: Bool, policy: Policy) {
        ends = Set(channels.map(\.end))
        self.refuses2011 = refuses2011
        self.policy = policy
    }

    /// - Parameter now: this receiver's clock, milliseconds since 1970.
    /// - Returns: the outcome where it is clear already; nil: the message goes on and is counted as under way.
    mutating func check(_ message: SignedMessage, from source: Source, now: Int64) -> Ack.Outcome? {
        if recent.contains(message.id) { return .duplicate }
        guard ends.contains(message.end) else { return .refused(.channelUnknown) }
        if refuses2011, message.scheme == .legacy { return .refused(.weakSignature) }
        do throws(MessageError) {
            try message.checkTime(now: now)
        } catch {
            return .refused(Refusal(error))
        }
        if let refusal = policy.refusal(of: message, from: source) { return .refused(refusal) }
        guard underWay < Limits.deliveriesUnderWay else { return .failed(.busy) }
        underWay += 1
        return nil
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
