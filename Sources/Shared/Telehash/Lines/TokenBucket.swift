/// A rate with a burst: so many tokens a second, of which so many can be saved up.
public struct TokenRate: Sendable {
    public var perSecond: Double
    public var burst: Double

    static func * (rate: TokenRate, part: Double) -> TokenRate {
        TokenRate(perSecond: rate.perSecond * part, burst: rate.burst * part)
    }
}

/// The tokens that are left of a rate that the caller keeps: for each line, where all have the same rate.
struct TokenLevel: Sendable {
    fileprivate(set) var tokens: Double
    private var filledAt: Instant

    /// Starts full.
    init(_ rate: TokenRate, now: Instant) {
        tokens = rate.burst
        filledAt = now
    }

    /// Takes the tokens if they are there. A clock that goes backwards adds none and takes none away.
    mutating func take(_ count: Double = 1, of rate: TokenRate, now: Instant) -> Bool {
        fill(rate, now: now)
        guard tokens >= count else { return false }
        tokens -= count
        return true
    }

    /// Gives tokens back that were taken.
    mutating func giveBack(_ count: Double = 1, of rate: TokenRate) { tokens = min(rate.burst, tokens + count) }

    fileprivate mutating func fill(_ rate: TokenRate, now: Instant) {
        let elapsed = now.nanoseconds(since: filledAt)
        guard elapsed > 0 else { return }
        tokens = min(rate.burst, tokens + Double(elapsed) * (rate.perSecond / 1e9))
        filledAt = now
    }
}

/// A rate and what is left of it.
struct TokenBucket: Sendable {
    private let rate: TokenRate
    private var left: TokenLevel

    /// Starts full.
    init(_ rate: TokenRate, now: Instant) {
        self.rate = rate
        left = TokenLevel(rate, now: now)
    }

    /// As ``TokenLevel/take(_:of:now:)``.
    mutating func take(_ count: Double = 1, now: Instant) -> Bool {
        left.take(count, of: rate, now: now)
    }

    /// When `count` tokens will be there; `now` when they are.
    mutating func ready(_ count: Double = 1, now: Instant) -> Instant {
        left.fill(rate, now: now)
        guard left.tokens < count, rate.perSecond > 0 else { return now }
        let wait = min((count - left.tokens) / (rate.perSecond / 1e9) + 1, 1e18)
        return Instant(nanoseconds: now.nanoseconds.addingReportingOverflow(Int64(wait)).partialValue)
    }

    /// How much is left, and of how much.
    func status(_ name: String, now: Instant) -> SwitchStatus.Budget {
        var filled = left
        filled.fill(rate, now: now)
        return SwitchStatus.Budget(name: name, tokens: filled.tokens, limit: rate.burst, perSecond: rate.perSecond)
    }
}
