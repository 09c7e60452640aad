import Synchronization

/// The searches that are under way: a few in all, and fewer of one visitor. Those who search wait for each other in the
/// store, and it is better to come again than to wait behind many.
final class SearchPlaces: Sendable {
    /// By where visitors come from.
    private let taken = Mutex<[[UInt8]?: Int]>([:])

    /// Runs a search in a place of its own.
    ///
    /// - Throws: what `body` throws; 429 where the visitor has too many, 503 where all have.
    func hold<Value: Sendable>(of visitor: Visitor, _ body: () async throws -> Value) async throws -> Value {
        try take(visitor)
        defer { leave(visitor) }
        return try await body()
    }

    func take(_ visitor: Visitor) throws(Problem) {
        let (own, all) = taken.withLock { taken in
            let (own, all) = (taken[visitor.place, default: 0], taken.values.reduce(0, +))
            if own < visitor.mostSearches, all < Limits.searches { taken[visitor.place] = own + 1 }
            return (own, all)
        }
        guard own < visitor.mostSearches else { throw .tooManySearchesAtOnce }
        guard all < Limits.searches else { throw .searchesBusy }
    }

    func leave(_ visitor: Visitor) {
        taken.withLock { taken in
            let left = taken[visitor.place, default: 0] - 1
            taken[visitor.place] = left > 0 ? left : nil
        }
    }
}

extension Visitor {
    /// At a time. Programs on this machine are many visitors, and only the limit of all holds for them.
    fileprivate var mostSearches: Int { self == .local ? .max : Limits.visitorSearches }
}
