import Bus
import Messages
import ReceiverStore
import ServiceRuntime

/// How much is taken of authors who are new here: of one, through one peer, and of all together. All visitors of the page
/// are as one peer; the page bounds each of them and each of their keys, and the key with which it signs for those who have
/// none is all of theirs, so here there is no bound for one key of theirs.
struct StrangerRates: Sendable {
    private let keys: RateLimiter<PublicKey>
    private let peers: RateLimiter<Source>
    private let all: RateLimiter<Standing>

    /// - Parameters:
    ///   - rate: messages a second of all, and how many at once of one.
    ///   - key: nobody gets more for being new.
    init(_ rate: Rate, key: Rate?) {
        let one = Rate(
            perSecond: min(Limits.strangerPerSecond, key?.perSecond ?? .infinity),
            burst: min(rate.burst, key?.burst ?? .infinity))
        let together = Rate(
            perSecond: rate.perSecond, burst: max(1, rate.perSecond * Limits.strangerBurstSeconds))
        keys = RateLimiter(one, capacity: Limits.remembered)
        peers = RateLimiter(together.part(Limits.strangerPart), capacity: Limits.remembered)
        all = RateLimiter(together, capacity: 1)
    }

    /// - Parameter isFree: it costs the author nothing.
    /// - Returns: why it is refused; then nothing is taken.
    func take(_ key: PublicKey, from peer: Source, isFree: Bool, now: ContinuousClock.Instant) -> Refusal? {
        // The keys last, as they may be very many.
        guard peers.allows(peer, now: now) else { return .strangersRateLimited }
        guard all.allows(.stranger, now: now) else {
            peers.giveBack(peer)
            return .strangersRateLimited
        }
        guard isFree || peer == .visitor || keys.allows(key, now: now) else {
            peers.giveBack(peer)
            all.giveBack(.stranger)
            return .strangerRateLimited
        }
        return nil
    }

    func giveBack(_ key: PublicKey, from peer: Source) {
        if peer != .visitor { keys.giveBack(key) }
        peers.giveBack(peer)
        all.giveBack(.stranger)
    }
}
