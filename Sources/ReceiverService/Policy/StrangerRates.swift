import Bus
import Messages
import ReceiverStore
import ServiceRuntime

/// How much is taken of authors who are new here: of one, through one peer, and of all together.
///
/// Of what all may have together a part is for this node's page, and a part for peers that bring little: however many flood,
/// a newcomer who writes here, or comes through a peer that does not, is heard. The page bounds each of its visitors and each of
/// their keys, and signs with its own for those who have none, so here there is no bound for one key of theirs.
struct StrangerRates: Sendable {
    /// What a message was taken from.
    enum Pool: Sendable, CaseIterable {
        case page, quiet, common

        fileprivate var part: Double {
            switch self {
            case .page: Limits.strangersOfPage
            case .quiet: Limits.strangersOfQuietPeers
            case .common: 1 - Limits.strangersOfPage - Limits.strangersOfQuietPeers
            }
        }
    }

    enum Answer: Sendable {
        case taken(Pool)
        /// Then nothing is taken.
        case refused(Refusal)
    }

    private let keys: RateLimiter<AuthorAccount>
    private let peers: RateLimiter<Source>
    private let quietPeers = RateLimiter<Source>(Limits.quietPeer, capacity: Limits.remembered)
    private let pools: [Pool: RateLimiter<Pool>]

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
        pools = Dictionary(
            uniqueKeysWithValues: Pool.allCases.map { ($0, RateLimiter(together.part($0.part), capacity: 1)) })
    }

    func take(_ account: AuthorAccount, from source: Source, now: ContinuousClock.Instant) -> Answer {
        // The keys last, as they may be very many.
        guard source == .visitor || peers.allows(source, now: now) else { return .refused(.strangersRateLimited) }
        guard let pool = pools(for: source, now: now).first(where: { pools[$0]?.allows($0, now: now) == true }) else {
            peers.giveBack(source)
            return .refused(.strangersRateLimited)
        }
        guard source == .visitor || keys.allows(account, now: now) else {
            giveBack(to: pool, from: source)
            return .refused(.strangerRateLimited)
        }
        return .taken(pool)
    }

    private func pools(for source: Source, now: ContinuousClock.Instant) -> [Pool] {
        if source == .visitor { return [.page] }
        return quietPeers.allows(source, now: now) ? [.quiet, .common] : [.common]
    }

    func giveBack(_ account: AuthorAccount, to pool: Pool, from source: Source) {
        if source != .visitor { keys.giveBack(account) }
        giveBack(to: pool, from: source)
    }

    private func giveBack(to pool: Pool, from source: Source) {
        peers.giveBack(source)
        pools[pool]?.giveBack(pool)
    }
}
