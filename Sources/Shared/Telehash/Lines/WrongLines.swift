/// Counts the wrong `_line` values of one address. A ring has 15 bits, so guessing must be slow (T4).
///
/// Of a proven line both rings are secret. What can't be the product of the peer's is the guess of somebody who knows
/// neither, or wants its commands locked out: very many of them are one of the others.
///
/// The same wrong value again is no new guess: a peer that outlived our restart goes on sending its old line, and a
/// guesser gains nothing by repeating himself.
struct WrongLines: Sendable {
    @Packed private var since: Instant? = nil
    @Packed private var last: Int? = nil
    /// In guesses of somebody who knows neither ring.
    private var count: UInt32 = 0
    private(set) var isLockedOut = false

    /// Whether the value was a new guess.
    ///
    /// - Parameter isBlind: its sender knows neither ring.
    mutating func record(_ line: Int, isBlind: Bool = false, now: Instant, limits: Limits) -> Bool {
        forget(now: now, limits: limits)
        guard line != last else { return false }
        last = line
        if since == nil { since = now }
        let most = limits.lines.blindLinesBeforeLockOut
        count &+= UInt32(clamping: isBlind ? 1 : most / limits.lines.wrongLinesBeforeLockOut)
        if count >= most { isLockedOut = true }
        return true
    }

    /// A value that is known to be wrong without being a guess.
    mutating func expect(_ line: Int) {
        last = line
    }

    /// What was guessed a minute ago does not count any more; the lock-out ends with it.
    mutating func forget(now: Instant, limits: Limits) {
        guard let start = since, start.duration(to: now) > limits.lines.wrongLineWindow else { return }
        (count, since, isLockedOut) = (0, nil, false)
    }
}
