/// A moment on the clock of whoever drives a ``Switch``: nanoseconds since a start of the caller's choice.
///
/// The module never reads a clock. The service passes monotonic time, the simulator its virtual time.
public struct Instant: InstantProtocol, Hashable, Sendable, CustomStringConvertible {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The start of the caller's clock.
    public static let zero = Instant(nanoseconds: 0)

    /// Later than every deadline; what `nextDeadline` says when nothing is planned.
    public static let distantFuture = Instant(nanoseconds: .max)

    /// Saturates at the ends of the range: `.distantFuture` stays where it is.
    public func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        guard overflow else { return Instant(nanoseconds: sum) }
        return Instant(nanoseconds: nanoseconds < 0 ? .min : .max)
    }

    public func duration(to other: Instant) -> Duration {
        .nanoseconds(other.nanoseconds(since: self))
    }

    /// The nanoseconds from `earlier` to here, saturated; negative when `earlier` is later.
    public func nanoseconds(since earlier: Instant) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        guard overflow else { return difference }
        return nanoseconds < 0 ? .min : .max
    }

    public static func + (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: duration) }
    public static func - (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: .zero - duration) }
    public static func - (later: Instant, earlier: Instant) -> Duration { earlier.duration(to: later) }

    public static func < (lhs: Instant, rhs: Instant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    public var description: String {
        "\(nanoseconds) ns"
    }
}

extension Duration {
    /// The duration in nanoseconds, cut towards zero and saturated at the range of `Int64` (292 years).
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowToo) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard overflow || overflowToo else { return sum }
        return seconds < 0 ? .min : .max
    }
}
