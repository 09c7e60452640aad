import ServiceRuntime
import Synchronization
import Testing

/// What is bounded by parties must stay cheap, however many there are.
@Suite struct RateLimiterTests {
    /// Counts how often parties are compared: each place of the table that is looked at is one comparison.
    private struct Party: Hashable, Sendable {
        let number: Int
        let comparisons: Tally

        static func == (a: Party, b: Party) -> Bool {
            a.comparisons.count.add(1, ordering: .relaxed)
            return a.number == b.number
        }

        func hash(into hasher: inout Hasher) { hasher.combine(number) }
    }

    private final class Tally: Sendable {
        let count = Atomic(0)
    }

    @Test func partiesThatComeOnce_leaveATableThatIsFast() {
        let (capacity, tally) = (4_096, Tally())
        let limiter = RateLimiter<Party>(Rate(perSecond: 1, burst: 20), capacity: capacity)
        let (rounds, last) = (40, 2_000)
        var now = ContinuousClock.now
        var before = 0
        for number in 0..<rounds * capacity / 4 {
            if number == rounds * capacity / 4 - last { before = tally.count.load(ordering: .relaxed) }
            now += .milliseconds(10)
            #expect(limiter.allows(Party(number: number, comparisons: tally), now: now))
        }
        let each = Double(tally.count.load(ordering: .relaxed) - before) / Double(last)
        #expect(each < 40, "\(each) comparisons for each that is new")
        #expect(limiter.count <= capacity)
    }

    @Test func partiesThatUsedMuch_areRememberedLongest() {
        let limiter = RateLimiter<Int>(Rate(perSecond: 0.001, burst: 3), capacity: 100)
        let now = ContinuousClock.now
        for _ in 0..<3 { #expect(limiter.allows(-1, now: now)) }
        for party in 0..<1_000 { _ = limiter.allows(party, now: now) }
        #expect(!limiter.allows(-1, now: now))
    }
}
