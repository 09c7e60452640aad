/// A rate with a burst: so many tokens a second, of which so many can be saved up.
struct TokenBucket: Sendable {
    private let perNanosecond: Double
    private let capacity: Double
    private var tokens: Double
    private var filledAt: Instant

    /// Starts full.
    init(perSecond: Double, burst: Double, now: Instant) {
        perNanosecond = perSecond / 1e9
        capacity = burst
        tokens = burst
        filledAt = now
    }

    /// Takes the tokens if they are there. A clock that goes backwards adds none and takes none away.
    mutating func take(_ count: Double = 1, now: Instant) -> Bool {
        fill(now: now)
        guard tokens >= count else { return false }
        tokens -= count
        return true
    }

    /// When `count` tokens will be there; `now` when they are.
    mutating func ready(_ count: Double = 1, now: Instant) -> Instant {
        fill(now: now)
        guard tokens < count, perNanosecond > 0 else { return now }
        let wait = min((count - tokens) / perNanosecond + 1, 1e18)
        return Instant(nanoseconds: now.nanoseconds.addingReportingOverflow(Int64(wait)).partialValue)
    }

    /// How much is left, and of how much.
    func level(now: Instant) -> (tokens: Double, limit: Double, perSecond: Double) {
        var filled = self
        filled.fill(now: now)
        return (filled.tokens, capacity, perNanosecond * 1e9)
    }

    private mutating func fill(now: Instant) {
        let elapsed = now.nanoseconds(since: filledAt)
        guard elapsed > 0 else { return }
        tokens = min(capacity, tokens + Double(elapsed) * perNanosecond)
        filledAt = now
    }
}
