import Glibc
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
    /// Errors since the last datagram came.
    private var errorsInARow = 0

    /// Errors that say something about a datagram, a peer or the moment, but not about the socket.
    private static let passing: Set<CInt> = [
        ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN, EMSGSIZE, ENOMEM, ENOBUFS, EPROTO, ENOPROTOOPT,
    ]

    /// So many of them without a datagram in between are no passing matter.
    static let errorsBeforeLoss = 1_000

    /// It is bound.
    init(now: Instant) {
        boundAt = now
    }

    mutating func didRead() { errorsInARow = 0 }

    /// - Returns: whether the socket is lost; most errors cost nothing.
    mutating func didFailToRead(_ code: CInt) -> Bool {
        errorsInARow += 1
        return !Self.passing.contains(code) || errorsInARow >= Self.errorsBeforeLoss
    }

    mutating func didLose(_ why: String, now: Instant) {
        losses += 1
        // One that is lost again at once must not be bound in a tight loop.
        if boundAt.duration(to: now) >= RouterLimits.longestRebind * 2 { pause = RouterLimits.firstRebind }
        didFail(why, now: now)
    }

    /// It can't be bound.
    mutating func didFail(_ why: String, now: Instant) {
        trouble = Trouble(since: trouble?.since ?? now, why: why)
        nextTry = now.advanced(by: pause)
        pause = min(pause * 2, RouterLimits.longestRebind)
    }

    mutating func didBind(now: Instant) {
        (trouble, nextTry, boundAt, errorsInARow) = (nil, nil, now, 0)
    }
}
