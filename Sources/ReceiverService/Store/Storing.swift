import Bus
import Messages

/// A verified message on its way into the store.
struct Incoming: Sendable {
    let message: SignedMessage
    /// This receiver's clock when the message came, milliseconds since 1970.
    let receivedAt: Int64
    /// It is dated too far ahead and only kept aside.
    var isEarly = false
}

/// What one transaction did.
struct Committed: Sendable {
    enum Outcome: Sendable, Hashable {
        case stored
        /// The store had it.
        case duplicate
        /// This store does not want it: its author is blocked here, it is older than what is kept, or dated too far ahead
        /// (and then perhaps kept aside).
        case refused(Refusal)
    }

    /// The new rows that may be shown, in the order of their positions.
    let rows: [Row]
    /// For each message that was given.
    let outcomes: [Outcome]
    /// The newest position in the store, those of other receivers included.
    let position: UInt64
}

/// The part of a store that the pipeline needs.
protocol Storing: Sendable {
    /// Writes all messages in one transaction and returns when it is durable.
    ///
    /// - Throws: ``StoreError``: nothing of it was written.
    func commit(_ batch: [Incoming]) throws(StoreError) -> Committed

    /// Those of the messages that are durably stored.
    func stored(among ids: [MessageID]) throws(StoreError) -> Set<MessageID>

    /// The newest position.
    func position() throws(StoreError) -> UInt64
}
