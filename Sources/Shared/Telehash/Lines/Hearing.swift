/// Whether anybody answers us. One switch that is silent is gone; when all are, we are: a link is down, a firewall
/// refuses, the machine slept, or our address is another one now.
struct Hearing: Sendable {
    enum Check: Equatable, Sendable {
        case quiet
        /// Ask the switches that we need.
        case ask
        /// Nobody has answered for too long: from now on we count as cut off.
        case deaf
    }

    /// The first question since anybody named switches to us.
    private(set) var askedAt: Instant?
    /// When ``check(now:)`` has something to say; never while somebody answers.
    private(set) var checkAt = Instant.distantFuture
    private(set) var isDeaf = false
    let limits: Limits

    mutating func didAsk(now: Instant) {
        guard askedAt == nil else { return }
        askedAt = now
        checkAt = now.advanced(by: limits.lines.hearingCheck)
    }

    /// A switch on a proven line answered, or told us something unasked. Returns whether we were cut off until now.
    mutating func didHear() -> Bool {
        defer { rest() }
        return isDeaf
    }

    mutating func check(now: Instant) -> Check {
        guard checkAt <= now, let askedAt else { return .quiet }
        guard !isDeaf, askedAt.duration(to: now) >= limits.lines.deafAfter else {
            checkAt = now.advanced(by: isDeaf ? limits.lines.deafCheck : limits.lines.hearingCheck)
            return .ask
        }
        isDeaf = true
        checkAt = now.advanced(by: limits.lines.deafCheck)
        return .deaf
    }

    /// Nobody is left whose answers we could wait for.
    mutating func rest() { self = Hearing(limits: limits) }
}
