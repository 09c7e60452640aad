import Bus
import Messages

/// A verified message on its way into the store.
package struct Incoming: Sendable {
    package let message: SignedMessage
    /// This receiver's clock when the message came, milliseconds since 1970.
    package let receivedAt: Int64
    /// It is dated too far ahead and only kept aside.
    package let isEarly: Bool
    /// It was written on this node's command line: its author counts as known, and is about to be made so.
    package let isOwn: Bool

    package init(message: SignedMessage, receivedAt: Int64, isEarly: Bool = false, isOwn: Bool = false) {
        self.message = message
        self.receivedAt = receivedAt
        self.isEarly = isEarly
        self.isOwn = isOwn
    }
}

/// What one transaction did.
package struct Committed: Sendable {
    /// The new rows that may be shown, in the order of their positions.
    package let rows: [Row]
    /// For each message that was given, none of which has failed. Refused: its author is blocked here, or a stranger while the
    /// disk is nearly full; it is older than what is kept, was dropped before, has the signature of another 2011 message, or
    /// is dated too far ahead (and then perhaps kept aside).
    package let outcomes: [Ack.Outcome]
    /// The newest position in the store, those of other receivers included.
    package let position: UInt64

    package init(rows: [Row], outcomes: [Ack.Outcome], position: UInt64) {
        self.rows = rows
        self.outcomes = outcomes
        self.position = position
    }
}

/// A message of the mesh that is dated too far ahead. It is kept aside until its time has come: one of the two clocks is
/// wrong, perhaps ours.
///
/// A store keeps at most ``StoreLimits/earlyMessages`` of ``StoreLimits/earlyBytes``. Where there are more, those of authors
/// who have nothing else here go first, and those whose time is furthest.
package struct EarlyMessage: Sendable {
    /// Its place in the order in which their times come.
    package struct Place: Sendable, Hashable {
        package let at: Int64
        /// The store's own: tells apart those of one time.
        package let number: Int64

        package init(at: Int64, number: Int64) {
            self.at = at
            self.number = number
        }

        package static let first = Place(at: .min, number: .min)
    }

    package let place: Place
    package let id: MessageID
    /// Nil: it cannot be read any more.
    package let message: SignedMessage?

    package init(place: Place, id: MessageID, message: SignedMessage?) {
        self.place = place
        self.id = id
        self.message = message
    }
}
