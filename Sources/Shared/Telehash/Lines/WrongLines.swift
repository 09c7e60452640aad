/// Counts the wrong `_line` values of one address. A ring has 15 bits, so guessing must be slow (T4).
///
/// The same wrong value again is no new guess: a peer that outlived our restart goes on sending its old line, and a
/// guesser gains nothing by repeating himself.
struct WrongLines: Sendable {
    @Packed private var since: Instant? = nil
    @Packed private var last: Int? = nil
    private var count: UInt32 = 0
    private(set) var isLockedOut = false

    /// Whether the value was a new guess.
    mutating func record(_ line: Int, now: Instant, limits: Limits) -> Bool {
        forget(now: now, limits: limits)
        guard line != last else { return false }
        last = line
        if since == nil { since = now }
        count &+= 1
        if count >= limits.lines.wrongLinesBeforeLockOut { isLockedOut = true }
        return true
    }

    /// A value that is known to be wrong without being a guess.
    mutating func expect(_ line: Int) {
        last = line
    }

    /// Whether a new exchange of rings may begin: always, unless the guesses of the last minute are used up.
    mutating func allowsExchange(now: Instant, limits: Limits) -> Bool {
        forget(now: now, limits: limits)
        return count < limits.lines.wrongLinesBeforeLockOut
    }

    private mutating func forget(now: Instant, limits: Limits) {
        guard let start = since, start.duration(to: now) > limits.lines.wrongLineWindow else { return }
        count = 0
        since = nil
    }
}
