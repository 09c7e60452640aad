import Bus
import Messages

/// A verified message on its way into the store.
package struct Incoming: Sendable {
    package let message: SignedMessage
    /// This receiver's clock when the message came, milliseconds since 1970.
    package let receivedAt: Int64
    /// It is dated too far ahead and only kept aside.
    package let isEarly: Bool

    package init(message: SignedMessage, receivedAt: Int64, isEarly: Bool = false) {
        self.message = message
        self.receivedAt = receivedAt
        self.isEarly = isEarly
    }
}

/// What one transaction did.
package struct Committed: Sendable {
    /// The new rows that may be shown, in the order of their positions.
    package let rows: [Row]
    /// For each message that was given, none of which has failed. Refused: its author is blocked here, it is older than what
    /// is kept, or dated too far ahead (and then perhaps kept aside).
    package let outcomes: [Ack.Outcome]
    /// The newest position in the store, those of other receivers included.
    package let position: UInt64

    package init(rows: [Row], outcomes: [Ack.Outcome], position: UInt64) {
        self.rows = rows
        self.outcomes = outcomes
        self.position = position
    }
}

/// The part of a store that the pipeline needs.
package protocol Storing: Sendable {
    /// Writes all messages in one transaction and returns when it is durable, also of those that the store had already.
    ///
    /// Each new message gets the next position, and no reader sees a position before all that come before it.
    ///
    /// - Throws: ``StoreError``: nothing of it was acknowledged, and all of it may be given again. It comes soon enough that
    ///   the router hears of it before the lease of the deliveries ends.
    func commit(_ batch: [Incoming]) throws(StoreError) -> Committed

    /// Those of the messages that are durably stored.
    func stored(among ids: [MessageID]) async throws(StoreError) -> Set<MessageID>

    /// The newest position.
    func position() async throws(StoreError) -> UInt64
}
