import Telehash

/// The clock of one simulated machine. It never goes backwards, as a monotonic clock does not, but it may jump forward,
/// stand still, or run fast or slow.
package struct NodeClock: Hashable, Sendable {
    /// Where the clock was when it was last set, by itself and by the mesh's time.
    private var local = Instant.zero
    private var mesh = Instant.zero
    /// Seconds of this clock in a second of the mesh.
    private var rate = 1.0

    /// What the clock shows when the mesh's time is `now`.
    func reading(at now: Instant) -> Instant {
        let passed = now.nanoseconds(since: mesh)
        guard rate != 1 else { return Instant(nanoseconds: local.nanoseconds + passed) }
        return Instant(nanoseconds: local.nanoseconds + Int64(Double(passed) * rate))
    }

    /// When, by the mesh's time, the clock will show `reading` or more; never, while it stands still.
    func meshTime(of reading: Instant) -> Instant {
        guard reading < .distantFuture else { return .distantFuture }
        let missing = reading.nanoseconds(since: local)
        if rate == 1 { return Instant(nanoseconds: mesh.nanoseconds + missing) }
        guard rate > 0 else { return missing <= 0 ? mesh : .distantFuture }
        var time = Instant(nanoseconds: mesh.nanoseconds + Int64((Double(missing) / rate).rounded(.up)))
        // The way there and back rounds; a wake that comes too early would come for ever.
        while self.reading(at: time) < reading { time.nanoseconds += 1 }
        return time
    }

    package mutating func jump(by duration: Duration, now: Instant) {
        local = reading(at: now) + max(.zero, duration)
        mesh = now
    }

    package mutating func run(at newRate: Double, now: Instant) {
        local = reading(at: now)
        mesh = now
        rate = max(0, newRate)
    }
}
