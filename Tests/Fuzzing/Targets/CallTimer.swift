#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Times each call into the code under test and keeps the longest.
///
/// The wall clock is cheap to read and never shorter than the processor time, so it is enough to see that a call was
/// fast; whoever finds one slow repeats it with `processorTime`, which doesn't count what the machine did meanwhile.
package struct CallTimer: Sendable {
    package enum Clock: Sendable {
        case wall, processorTime
    }

    private let clock: clockid_t
    /// Nanoseconds of the longest call.
    package private(set) var longest: UInt64 = 0
    /// Calls that were timed.
    package private(set) var calls = 0

    package init(_ clock: Clock) {
        self.clock = clock == .wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID
    }

    @inline(__always)
    mutating func time<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        let start = now()
        defer {
            longest = max(longest, now() &- start)
            calls += 1
        }
        return try body()
    }

    private func now() -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
    }
}
