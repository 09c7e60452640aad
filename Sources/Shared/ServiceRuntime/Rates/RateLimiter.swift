import Synchronization

/// How many a second, and how many at once.
package struct Rate: Hashable, Sendable {
    /// Above 0.
    package let perSecond: Double
    /// 1 or more.
    package let burst: Double

    package init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// So much of it; at once never below 1.
    package func part(_ part: Double) -> Rate { Rate(perSecond: perSecond * part, burst: max(1, burst * part)) }

    /// - Parameter text: `RATE/BURST` or `RATE`, messages a second, both above 0; the burst is then ten times the rate,
    ///   and never below 1. Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
        guard (1...2).contains(parts.count), let rate = parts[0], rate > 0, rate <= 1e6 else { return nil }
        let burst = parts.count == 2 ? parts[1] : rate * 10
        guard let burst, burst >= 1 || parts.count == 1, burst <= 1e9 else { return nil }
        self.init(perSecond: rate, burst: max(1, burst))
    }
}

/// A token bucket for each of many parties, in bounded memory.
package final class RateLimiter<Party: Hashable & Sendable>: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: ContinuousClock.Instant
    }

    private let rate: Rate
    private let capacity: Int
    private let buckets = Mutex<[Party: Bucket]>([:])

    /// - Parameter capacity: parties that are remembered, 1 or more.
    package init(_ rate: Rate, capacity: Int) {
        self.rate = rate
        self.capacity = max(1, capacity)
    }

    /// Takes one token, or as many as something costs.
    ///
    /// - Returns: false when the party has too few left; then none is taken.
    package func allows(_ party: Party, costing cost: Double = 1, now: ContinuousClock.Instant) -> Bool {
        buckets.withLock { buckets in
            var bucket = filled(buckets[party] ?? Bucket(tokens: rate.burst, at: now), now: now)
            let isAllowed = bucket.tokens >= cost
            if isAllowed { bucket.tokens -= cost }
            if buckets[party] == nil, buckets.count >= capacity { forget(&buckets, now: now) }
            buckets[party] = bucket
            return isAllowed
        }
    }

    /// Gives back a token that was taken.
    package func giveBack(_ party: Party) {
        buckets.withLock { buckets in
            guard let tokens = buckets[party]?.tokens else { return }
            buckets[party]?.tokens = min(rate.burst, tokens + 1)
        }
    }

    /// Parties that are remembered.
    package var count: Int { buckets.withLock { $0.count } }

    /// Seconds after which a party that has none left has a token again, rounded up.
    package var secondsForOne: Int { Int(min(86_400, (1 / rate.perSecond).rounded(.up))) }

    private func filled(_ bucket: Bucket, now: ContinuousClock.Instant) -> Bucket {
        let elapsed = max(0, bucket.at.duration(to: now).inSeconds)
        // Who comes with an earlier time than the last one must not make the time between pass twice.
        return Bucket(tokens: min(rate.burst, bucket.tokens + elapsed * rate.perSecond), at: max(bucket.at, now))
    }

    /// Forgets the quarter with the fullest buckets, a full one being the same as none; of equal ones those that were not used for
    /// longest.
    ///
    /// Never those that come first in the table: it would be crowded at its end, again and again, until each look at it goes
    /// through thousands.
    private func forget(_ buckets: inout [Party: Bucket], now: ContinuousClock.Instant) {
        let ranks = buckets.map { (party: $0.key, tokens: filled($0.value, now: now).tokens, at: $0.value.at) }
        for rank in ranks.sorted(by: { ($0.tokens, $1.at) > ($1.tokens, $0.at) }).prefix(max(1, capacity / 4)) {
            buckets[rank.party] = nil
        }
    }
}
