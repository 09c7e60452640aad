import Messages

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
