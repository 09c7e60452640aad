import ServiceRuntime

/// How often a visitor may search: a search costs a store more than a page.
struct SearchLimits: Sendable {
    private let places = RateLimiter<VisitorPlace>(Limits.searchRate, capacity: Limits.rememberedVisitors)

    /// - Parameter visitor: nil for a program on this machine, which may search as it likes.
    /// - Throws: 429.
    func admit(_ visitor: NetworkAddress?, now: ContinuousClock.Instant) throws(Problem) {
        guard let visitor, !places.allows(VisitorPlace(visitor), now: now) else { return }
        throw .tooManySearches(after: places.secondsForOne)
    }
}
