import Bus
import Messages

/// The cheap checks, made on the bus's thread before anything costs: what fails here takes no signature check, no read
/// and no write.
struct Intake {
    /// The id covers no signature: a copy with another one has to be looked at.
    private struct Seen: Hashable {
        let id: MessageID
        let signature: String

        init(_ message: SignedMessage) { (id, signature) = (message.id, message.signature) }
    }

    private let admission: Admission
    private var recent = Recent<Seen>(capacity: Limits.recentIDs)
    /// Deliveries that went on and are not settled.
    private(set) var underWay = 0

    init(_ admission: Admission) { self.admission = admission }

    enum Verdict: Equatable {
        case clear(Ack.Outcome)
        /// It is counted as under way.
        case goesOn(isEarly: Bool, toll: Toll = Toll())
    }

    /// - Parameters:
    ///   - waited: since the router has it.
    ///   - now: this receiver's clock, milliseconds since 1970.
    mutating func check(
        _ message: SignedMessage, from source: Source, waited: Duration = .zero, now: Int64
    ) -> Verdict {
        if recent.contains(Seen(message)) { return .clear(.duplicate) }
        if let refusal = admission.refusal(of: message, receivedAt: now, now: now) {
            return .clear(.refused(refusal))
        }
        var isEarly = false
        do throws(MessageError) {
            try message.checkTime(now: now)
        } catch {
            // An own client has the clock of this node, or hears of it at once. In the mesh nobody sends it again.
            guard case .peer = source else { return .clear(.refused(Refusal(error))) }
            isEarly = true
        }
        guard underWay < Limits.deliveriesUnderWay else { return .clear(.failed(.busy)) }
        let standing = admission.standings.remembered(message.key)
        guard let toll = admission.rates.toll(from: source, standing: standing, waited: waited)
        else {
            return .clear(.refused(.sourceRateLimited))
        }
        underWay += 1
        return .goesOn(isEarly: isEarly, toll: toll)
    }

    /// A message that went on has reached its end.
    mutating func settle(_ settled: Settled) {
        underWay -= 1
        switch settled.outcome {
        // Only what is durable: whoever is told "duplicate" may rely on it.
        case .stored, .duplicate: recent.insert(Seen(settled.parcel.message))
        case .refused, .failed: break
        }
    }
}
