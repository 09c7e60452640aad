import Telehash
import Testing

@testable import MeshSimulator

@Suite struct NodeClockTests {
    private let start = Instant(nanoseconds: 5_000_000_000)

    @Test func clock_thatIsLeftAlone_showsTheTimeOfTheMesh() {
        let clock = NodeClock()
        #expect(clock.reading(at: start) == start)
        #expect(clock.meshTime(of: start) == start)
        #expect(clock.meshTime(of: .distantFuture) == .distantFuture)
    }

    @Test func clock_whenItJumps_isAheadFromThenOn() {
        var clock = NodeClock()
        clock.jump(by: .seconds(3_600), now: start)
        #expect(clock.reading(at: start) == start + .seconds(3_600))
        #expect(clock.reading(at: start + .seconds(1)) == start + .seconds(3_601))
        #expect(clock.meshTime(of: start + .seconds(3_601)) == start + .seconds(1))
    }

    @Test func clock_neverGoesBackwards() {
        var clock = NodeClock()
        clock.jump(by: .seconds(-10), now: start)
        #expect(clock.reading(at: start) == start)
        clock.run(at: -2, now: start)
        #expect(clock.reading(at: start + .seconds(1)) == start)
    }

    @Test func clock_thatStandsStill_reachesNothingUntilItRunsAgain() {
        var clock = NodeClock()
        clock.run(at: 0, now: start)
        #expect(clock.reading(at: start + .seconds(60)) == start)
        #expect(clock.meshTime(of: start + .seconds(1)) == .distantFuture)
        clock.run(at: 1, now: start + .seconds(60))
        #expect(clock.reading(at: start + .seconds(61)) == start + .seconds(1))
    }

    /// A wake that is planned too early would find nothing due and be planned again for the same moment.
    @Test(arguments: [0.95, 0.999_999, 1.05, 3])
    func clock_thatRunsFastOrSlow_hasReachedWhatItIsWokenFor(_ rate: Double) {
        var clock = NodeClock()
        clock.run(at: rate, now: start)
        #expect(abs(clock.reading(at: start + .seconds(100)).seconds - (5 + 100 * rate)) < 1e-6)
        for nanoseconds in stride(from: Int64(1), to: 3_000_000_000, by: 7_777_777) {
            let reading = Instant(nanoseconds: start.nanoseconds + nanoseconds)
            #expect(clock.reading(at: clock.meshTime(of: reading)) >= reading)
        }
    }
}
