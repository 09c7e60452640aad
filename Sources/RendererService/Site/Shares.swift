import Synchronization

/// How many of something each party has at one time.
final class Shares<Party: Hashable & Sendable>: Sendable {
    private let taken = Mutex<[Party: Int]>([:])

    init() {}

    /// One of a party's; it is given back when the last reference goes.
    final class Share: Sendable {
        private let party: Party
        private let shares: Shares
        private let outer: Share?

        fileprivate init(_ party: Party, of shares: Shares, in outer: Share?) {
            self.party = party
            self.shares = shares
            self.outer = outer
        }

        deinit {
            shares.taken.withLock { taken in
                let left = (taken[party] ?? 1) - 1
                taken[party] = left > 0 ? left : nil
            }
        }
    }

    /// - Parameters:
    ///   - most: how many the party may have.
    ///   - outer: that of a larger party, which goes with it.
    /// - Returns: nil where it has that many.
    func take(by party: Party, most: Int, in outer: Share? = nil) -> Share? {
        let isFree = taken.withLock { taken in
            guard taken[party, default: 0] < most else { return false }
            taken[party, default: 0] += 1
            return true
        }
        return isFree ? Share(party, of: self, in: outer) : nil
    }
}
