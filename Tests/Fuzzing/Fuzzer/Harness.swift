import CLibFuzzer
import FuzzTargets
import Glibc

/// Runs each input that libFuzzer makes, and fails as a crash does when the model disagrees, a call is slow, or memory is
/// not given back. libFuzzer calls from one thread.
enum Harness {
    /// Nanoseconds of processor time that one call into the code under test may take: one datagram, one tick, one order.
    static let slow: UInt64 = 1_000_000
    /// A slow call is repeated so often, and the shortest time counts: the first may have met a cold cache.
    static let repeats = 3
    /// Every so many inputs, one is repeated to see whether it leaves memory behind.
    static let growthEvery = 1_024
    static let growthRuns = 4...64
    /// As many of these as fit into this time: the longest inputs take a fifth of a second, and five seconds count as hung.
    static let growthTime = Duration.seconds(1)
    /// The smallest piece of memory that malloc gives away.
    static let smallestLeak = 16
    /// Megabytes that the process may grow by after it is warm. libFuzzer's own corpus is in them.
    static let residentGrowth = 256.0
    /// Inputs after which it is warm.
    static let warmAfter = 20_000

    private nonisolated(unsafe) static var target = FuzzTarget.telex
    private nonisolated(unsafe) static var inputs = 0
    private nonisolated(unsafe) static var calls = 0
    private nonisolated(unsafe) static var slowest: UInt64 = 0
    private nonisolated(unsafe) static var startedAt = ContinuousClock.now
    private nonisolated(unsafe) static var warmMegabytes: Double?

    static func begin(_ chosen: FuzzTarget) {
        target = chosen
        startedAt = .now
        atexit { Harness.finish() }
    }

    static func run(_ input: UnsafeBufferPointer<UInt8>) {
        inputs += 1
        var timer = CallTimer(.wall)
        perform(input, timing: &timer)
        calls += timer.calls
        if timer.longest > slowest { repeatSlow(input) }
        if inputs % growthEvery == 0 { lookForGrowth(input) }
        if inputs == warmAfter { warmMegabytes = Report.residentMegabytes() }
    }

    private static func perform(_ input: UnsafeBufferPointer<UInt8>, timing timer: inout CallTimer) {
        do {
            try target.run(input, timing: &timer)
        } catch {
            Report.fail("\(error)")
        }
    }

    /// The wall clock counts what other processes did meanwhile; the processor time does not.
    private static func repeatSlow(_ input: UnsafeBufferPointer<UInt8>) {
        var shortest = UInt64.max
        for _ in 0..<repeats {
            var timer = CallTimer(.processorTime)
            perform(input, timing: &timer)
            shortest = min(shortest, timer.longest)
        }
        slowest = max(slowest, shortest)
        if shortest > slow { Report.fail("a call takes \(shortest / 1_000) µs") }
    }

    private static func lookForGrowth(_ input: UnsafeBufferPointer<UInt8>) {
        var timer = CallTimer(.wall)
        perform(input, timing: &timer)
        let before = mallinfo2().uordblks
        let start = ContinuousClock.now
        var runs = 0
        while runs < growthRuns.lowerBound || runs < growthRuns.upperBound && start.duration(to: .now) < growthTime {
            perform(input, timing: &timer)
            runs += 1
        }
        let after = mallinfo2().uordblks
        if after >= before + runs * smallestLeak {
            Report.fail("\(runs) runs leave \(after - before) bytes behind")
        }
    }

    private static func finish() {
        let took = ContinuousClock.now - startedAt
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
        let resident = Report.residentMegabytes()
        let growth = max(0, resident - (warmMegabytes ?? resident))
        Report.say(
            """
            target     \(target.rawValue)
            inputs     \(inputs) (\(calls) calls into the code under test)
            time       \(Report.number(seconds, 1)) s, \(Report.number(Double(inputs) / max(seconds, 0.001), 0)) inputs a second
            slowest    \(Report.number(Double(slowest) / 1_000, 0)) µs for one call (limit \(slow / 1_000) µs)
            memory     \(Report.number(resident, 0)) MB, \(Report.number(growth, 1)) MB more than after \(warmAfter) inputs
            """)
        if growth > residentGrowth {
            Report.say("FOUND: the process grew by \(Report.number(growth, 0)) MB")
            _exit(1)
        }
    }
}
