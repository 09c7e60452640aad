import ReceiverStore

/// Whether the wall clock may be believed when it says that messages are old.
///
/// A clock that is ahead makes everything look old, and what is dropped for its age is lost. So age counts only while the
/// clock is believed: not after it went further than time did, and not where it stands far beyond all that this store has
/// seen. Doubt ends when the clock is put right, when a message confirms it, or after ``Limits/doubtTime``: then it is
/// what the operator wants.
struct ClockTrust: Sendable {
    /// Both clocks at one moment.
    struct Reading: Sendable {
        /// Milliseconds since 1970.
        let wall: Int64
        let monotonic: ContinuousClock.Instant
    }

    enum Doubt: Hashable, Sendable {
        /// The wall clock went so many milliseconds further than time did.
        case jumped(Int64)
        /// When the receiver started it stood so many milliseconds beyond the newest time that it knew.
        case farAhead(Int64)
    }

    private(set) var doubt: Doubt?
    /// What the wall clock is measured from. While it is believed: a reading that was. At a start in doubt: the furthest
    /// at which it would have been.
    private var anchor: Reading
    private var since: ContinuousClock.Instant

    /// - Parameters:
    ///   - newest: the newest time that the store knows, milliseconds since 1970; nil where it knows none.
    ///   - downtime: how long the node may have been off without a doubt.
    init(at start: Reading, newest: Int64?, downtime: Duration) {
        since = start.monotonic
        anchor = start
        guard let newest else { return }
        let furthest = newest + downtime.wholeMilliseconds
        guard start.wall > furthest else { return }
        doubt = .farAhead(start.wall - newest)
        anchor = Reading(wall: furthest, monotonic: start.monotonic)
    }

    /// Looks at the clocks.
    ///
    /// - Returns: whether the wall clock is believed.
    mutating func believes(_ now: Reading) -> Bool {
        let elapsed = anchor.monotonic.duration(to: now.monotonic).wholeMilliseconds
        let ahead = now.wall - anchor.wall - elapsed
        let isWithin = ahead <= Limits.clockStep.wholeMilliseconds + elapsed / Limits.clockDrift
        switch doubt {
        case nil where isWithin:
            // Back is harmless, and going forth from there is a step again.
            if ahead < 0 { anchor = now }
        case nil:
            doubt = .jumped(ahead)
            since = now.monotonic
        case _? where isWithin:
            doubt = nil
        case _?:
            if since.duration(to: now.monotonic) >= Limits.doubtTime { believe(now) }
        }
        return doubt == nil
    }

    /// From now on it is measured from here.
    mutating func believe(_ now: Reading) {
        doubt = nil
        anchor = now
    }
}
