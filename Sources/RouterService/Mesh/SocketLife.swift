import Telehash

/// Whether the UDP socket is there, and when it is to be bound again. What becomes of it is decided elsewhere.
struct SocketLife: Sendable {
    /// Since when there is none, and what the system said last.
    struct Trouble: Equatable, Sendable {
        let since: Instant
        let why: String
    }

    private(set) var trouble: Trouble?
    /// When to bind it again; nil while it is bound.
    private(set) var nextTry: Instant?
    /// How often it was lost.
    private(set) var losses: UInt64 = 0
    private var boundAt: Instant
    private var pause = RouterLimits.firstRebind

    /// It is bound.
    init(now: Instant) {
        boundAt = now
    }

    mutating func didLose(_ why: String, now: Instant) {
        losses += 1
        // One that is lost again at once must not be bound in a tight loop.
        if boundAt.duration(to: now) >= RouterLimits.longestRebind * 2 { pause = RouterLimits.firstRebind }
        trouble = Trouble(since: trouble?.since ?? now, why: why)
        plan(now: now)
    }

    mutating func didFail(_ why: String, now: Instant) {
        trouble = Trouble(since: trouble?.since ?? now, why: why)
        plan(now: now)
    }

    mutating func didBind(now: Instant) {
        (trouble, nextTry, boundAt) = (nil, nil, now)
    }

    private mutating func plan(now: Instant) {
        nextTry = now.advanced(by: pause)
        pause = min(pause * 2, RouterLimits.longestRebind)
    }
}
