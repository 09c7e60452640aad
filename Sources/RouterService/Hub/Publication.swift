import Bus
import Messages

/// A message from a client on its way: who waits for a receipt, and what has happened so far.
struct Publication {
    struct Waiter {
        let client: RoutingID
        let request: RequestID
        /// Stores that this client wants; nil: the default of the moment when it asked.
        let acks: Int
        /// When the client asked, milliseconds.
        let since: Int64
        let deadline: Int64
    }

    let message: SignedMessage
    let origin: Origin
    var waiters: [Waiter] = []
    /// Stores that were given the message and have not answered yet.
    var pending: Set<StoreID> = []
    var stored: [StoreID] = []
    /// Milliseconds of the first commit.
    var storedAt: Int64?
    var refusal: Refusal?
    /// Whether the mesh was given it.
    var isSpread = false
    /// Switches that proved that they took it.
    var taken = 0
    /// The mesh will report nothing more.
    var meshFinished = false
    /// When to offer it to the mesh again, milliseconds: set while nobody, store or switch, has taken it.
    var meshRetryAt: Int64?

    /// What one waiter can be told now; nil: not yet.
    ///
    /// - Parameter failure: what a store says that was given the message and can store nothing just now.
    func verdict(for waiter: Waiter, failure: Refusal?, now: Int64) -> BusMessage? {
        if isReached(for: waiter, now: now) { return receipt(for: waiter, complete: true) }
        if let refusal, stored.isEmpty, pending.isEmpty { return .refusal(waiter.request, refusal) }
        if waiter.deadline <= now {
            return receipt(for: waiter, complete: false, hindrance: failure.map(Self.hindrance))
        }
        return nil
    }

    private func isReached(for waiter: Waiter, now: Int64) -> Bool {
        guard waiter.acks > 0 else { return taken > 0 || !stored.isEmpty }
        guard stored.count >= waiter.acks, let storedAt else { return false }
        // The receipt says what happened in the mesh, so it gives the nearest switch a moment to prove it.
        return taken > 0 || meshFinished || now - storedAt >= RouterLimits.relayGraceMilliseconds
    }

    private func receipt(for waiter: Waiter, complete: Bool, hindrance: String? = nil) -> BusMessage {
        .receipt(
            waiter.request,
            Receipt(id: message.id, stored: stored, relayed: taken, complete: complete, hindrance: hindrance))
    }

    /// It is no refusal: the message stays in the store's queue.
    private static func hindrance(_ failure: Refusal) -> String {
        let end = failure.code == "store_full" ? "there is room" : "the store works again"
        return "\(failure.text); the message waits in the router and is stored as soon as \(end)"
    }
}
