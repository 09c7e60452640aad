import TelehashWire

/// How a rate is shared out, in parts of it.
public struct BudgetParts: Sendable {
    /// For addresses that were not heard in the last minute.
    public var ofNewcomers: Double
    /// What one IPv4 address or IPv6 site (/48) may use; near addresses count with their ports.
    public var ofOne: Double
    /// The same of what can be saved up, where it is another part.
    public var burstOfOne: Double?
}

/// What all unproven addresses together may cost, so that none of them uses it up for the others: a part is kept for those
/// that were not heard in the last minute, and each has its share of the rest. An attacker with many addresses, or forged ones,
/// can still use up all of it; proven peers need none.
struct SharedBudget: Sendable {
    private let rate: TokenRate
    private let share: TokenRate
    private var common: TokenBucket
    private var kept: TokenBucket
    private var known: ShortMemory<AddressSource, TokenLevel>

    init(_ rate: TokenRate, _ parts: BudgetParts, limits: Limits, now: Instant) {
        self.rate = rate
        share = TokenRate(
            perSecond: rate.perSecond * parts.ofOne, burst: rate.burst * (parts.burstOfOne ?? parts.ofOne))
        common = TokenBucket(rate * (1 - parts.ofNewcomers), now: now)
        kept = TokenBucket(rate * parts.ofNewcomers, now: now)
        known = ShortMemory(span: limits.lines.strangerMemory, capacity: limits.lines.strangersKnown, now: now)
    }

    /// Addresses that are remembered.
    var count: Int { known.count }

    mutating func take(for endpoint: Endpoint, now: Instant) -> Bool {
        let source = endpoint.source
        if var level = known.value(of: source, now: now) {
            let hasShare = level.take(of: share, now: now)
            known.set(level, for: source, now: now)
            return hasShare && common.take(now: now)
        }
        // An address that got nothing is new again the next time.
        guard common.take(now: now) || kept.take(now: now) else { return false }
        var level = TokenLevel(share, now: now)
        _ = level.take(of: share, now: now)
        known.set(level, for: source, now: now)
        return true
    }

    /// How much is left, and of how much.
    func status(_ name: String, now: Instant) -> SwitchStatus.Budget {
        SwitchStatus.Budget(
            name: name, tokens: common.status(name, now: now).tokens + kept.status(name, now: now).tokens,
            limit: rate.burst, perSecond: rate.perSecond)
    }
}
