import Bus

/// How much of one store's commits the feed has seen. All receivers of a store announce parts of the same order.
final class StoreTrack {
    let store: StoreID
    /// Everything up to here was seen.
    private(set) var complete: UInt64
    /// Seen beyond a gap.
    private var ahead: Set<UInt64> = []
    /// The newest position that any receiver of the store has spoken of.
    private(set) var newest: UInt64
    /// Since when something is missing.
    var behindSince: ContinuousClock.Instant?
    /// A repair is under way; one more is due when something was missed meanwhile.
    var isRepairing = false
    var isDueAgain = false
    /// Rows that the repair has fetched.
    var repaired = 0

    init(of store: StoreID, from position: UInt64) {
        self.store = store
        complete = position
        newest = position
    }

    /// Another receiver's announcement may be on its way; what is still missing after a beat is asked for.
    func updateBehind() {
        behindSince = complete < newest ? behindSince ?? .now : nil
    }

    func heardOf(_ position: UInt64) {
        newest = max(newest, position)
    }

    func saw(_ position: UInt64) {
        heardOf(position)
        guard position > complete else { return }
        guard position == complete + 1 else {
            // Beyond that, the repair finds them.
            if ahead.count < BusClientLimits.positionsAhead { ahead.insert(position) }
            return
        }
        complete = position
        advance()
    }

    /// Nothing is missing up to here: what isn't in the store isn't missed.
    func isComplete(to position: UInt64) {
        guard position > complete else { return }
        complete = position
        heardOf(position)
        ahead = ahead.filter { $0 > position }
        advance()
    }

    /// The store is another one than before, for all we know: it went back.
    func restart(from position: UInt64) {
        complete = position
        newest = position
        ahead = []
    }

    private func advance() {
        while ahead.remove(complete + 1) != nil { complete += 1 }
    }
}
