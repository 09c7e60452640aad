import ServiceRuntime
import Synchronization

/// The searches that are under way: a few in all, and fewer of one visitor. Those who search wait for each other in the
/// store, and it is better to come again than to wait behind many. Half of the places are for those who took none of these in
/// the last minute, so that a few addresses never have all.
final class SearchPlaces: Sendable {
    /// By where visitors come from.
    private let taken = Mutex<[[UInt8]?: Int]>([:])
    private let lastPlaces = RateLimiter<[UInt8]?>(Limits.searchRateOfLastPlaces, capacity: Limits.rememberedVisitors)

    /// Runs a search in a place of its own.
    ///
    /// - Throws: what `body` throws; 429 where the visitor has too many, 503 where all have.
    func hold<Value: Sendable>(of visitor: Visitor, _ body: () async throws -> Value) async throws -> Value {
        try take(visitor)
        defer { leave(visitor) }
        return try await body()
    }

    func take(_ visitor: Visitor, now: ContinuousClock.Instant = .now) throws(Problem) {
        let problem = taken.withLock { taken -> Problem? in
            let (own, all) = (taken[visitor.site, default: 0], taken.values.reduce(0, +))
            guard own < visitor.mostSearches else { return .tooManySearchesAtOnce }
            guard all < Limits.searches else { return .searchesBusy }
            guard all < Limits.searches / 2 || visitor == .local || lastPlaces.allows(visitor.site, now: now) else {
                return .searchesBusy
            }
            taken[visitor.site] = own + 1
            return nil
        }
        if let problem { throw problem }
    }

    func leave(_ visitor: Visitor) {
        taken.withLock { taken in
            let left = taken[visitor.site, default: 0] - 1
            taken[visitor.site] = left > 0 ? left : nil
        }
    }
}

extension Visitor {
    /// At a time. Programs on this machine are many visitors, and only the limit of all holds for them.
    fileprivate var mostSearches: Int { self == .local ? .max : Limits.visitorSearches }
}
