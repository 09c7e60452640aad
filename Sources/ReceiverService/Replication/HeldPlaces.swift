import Bus
import Synchronization

/// How far other stores were read beyond the places that are kept in this store.
///
/// A message whose time cannot be yet is not taken, but when the clock that was wrong is put right it must not be missing
/// for ever. So the kept place stays before the first such message: reading goes on behind it, and begins there anew after
/// ``Limits/earlyPause`` and at each start.
final class HeldPlaces: Sendable {
    struct Place: Hashable, Sendable {
        var reached: UInt64
        /// The kept place is not `reached` but that of a message that is too early.
        var isHeld = false
    }

    private struct Held {
        let place: Place
        let since: ContinuousClock.Instant
    }

    private let held = Mutex<[StoreID: Held]>([:])

    /// Where to go on reading.
    func place(of store: StoreID, kept: UInt64, now: ContinuousClock.Instant) -> Place {
        held.withLock { held in
            guard let one = held[store], one.since.duration(to: now) < Limits.earlyPause else {
                held[store] = nil
                return Place(reached: kept)
            }
            return one.place
        }
    }

    func set(_ place: Place, of store: StoreID, now: ContinuousClock.Instant) {
        held.withLock { held in
            held[store] = place.isHeld ? Held(place: place, since: held[store]?.since ?? now) : nil
        }
    }
}
