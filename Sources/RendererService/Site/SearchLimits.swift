import ServiceRuntime

/// How often a visitor may search: a search costs a store more than a page.
struct SearchLimits: Sendable {
    private let places = RateLimiter<VisitorPlace>(Limits.searchRate, capacity: Limits.rememberedVisitors)

    /// - Parameter visitor: a program on this machine may search as it likes.
    /// - Throws: 429.
    func admit(_ visitor: Visitor, now: ContinuousClock.Instant) throws(Problem) {
        guard let place = VisitorPlace(visitor), !places.allows(place, now: now) else { return }
        throw .tooManySearches(after: places.secondsForOne)
    }
}
