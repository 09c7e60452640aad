import Glibc

/// Nanoseconds of the system's monotonic clock, which no change of the wall clock moves.
struct Monotonic: Comparable, Hashable {
    var nanoseconds: Int64

    static func now() -> Monotonic {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Monotonic(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: Monotonic, right: Monotonic) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Later by the duration, at most at the end of time.
    func advanced(by duration: Duration) -> Monotonic {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return Monotonic(nanoseconds: overflow ? .max : sum)
    }
}

extension Duration {
    /// Clamped to 0 … 292 years.
    var wholeNanoseconds: Int64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return .max }
        let (sum, overflowed) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? .max : sum
    }

    /// Rounded up and clamped to what libzmq's options and `poll` take.
    var wholeMilliseconds: Int32 {
        let nanoseconds = wholeNanoseconds
        let milliseconds = nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1)
        return Int32(clamping: milliseconds)
    }
}
