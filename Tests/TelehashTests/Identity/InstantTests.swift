import Telehash
import Testing

@Suite struct InstantTests {
    @Test func arithmetic_countsNanoseconds() {
        let start = Instant(nanoseconds: 5)
        #expect((start + .seconds(2)).nanoseconds == 2_000_000_005)
        #expect((start - .milliseconds(1)).nanoseconds == -999_995)
        #expect(start.duration(to: start + .microseconds(7)) == .microseconds(7))
        #expect((start + .seconds(1)).nanoseconds(since: start) == 1_000_000_000)
        #expect(start < start + .nanoseconds(1))
    }

    @Test func arithmetic_whenItLeavesTheRange_saturates() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: .min) - .seconds(1) == Instant(nanoseconds: .min))
        #expect(Instant.zero + .seconds(Int64.max) == .distantFuture)
        #expect(Instant.distantFuture.nanoseconds(since: Instant(nanoseconds: .min)) == .max)
        #expect(Instant(nanoseconds: .min).nanoseconds(since: .distantFuture) == .min)
    }
}
