import Bus
import Messages
import TelehashWire
import ZeroMQ

/// Streams of live messages. Each one's subscription is repeated every beat: that keeps it alive at the router, and tells
/// a router that was restarted.
final class Followers {
    typealias Continuation = AsyncStream<FollowEvent>.Continuation

    private struct Follower {
        let request: RequestID
        let ends: [NodeID]
        let continuation: Continuation
        var heard = ContinuousClock.now
        var isLost = false
        var missed = 0
    }

    private let router: Link?
    private let ids: RequestIDs
    private let counters: ClientCounters
    private let context: LoopContext
    private var followers: [UInt64: Follower] = [:]
    private var beat: LoopTimer?
    private var isClosed = false

    init(router: Link?, ids: RequestIDs, counters: ClientCounters, context: LoopContext) {
        self.router = router
        self.ids = ids
        self.counters = counters
        self.context = context
    }

    func add(_ key: UInt64, ends: [NodeID], _ continuation: Continuation) {
        guard !isClosed, let router else { return continuation.finish() }
        let request = ids.next()
        followers[key] = Follower(request: request, ends: ends, continuation: continuation)
        // Not connected yet: it is sent when it is.
        router.send(.follow(request, ends: ends))
        if beat == nil {
            beat = context.every(.milliseconds(Liveness.beatMilliseconds)) { [weak self] in self?.tick() }
        }
    }

    func remove(_ key: UInt64) {
        guard let follower = followers.removeValue(forKey: key) else { return }
        router?.send(.unfollow(follower.request))
        follower.continuation.finish()
        guard followers.isEmpty else { return }
        beat?.cancel()
        beat = nil
    }

    func repeatAll() {
        for follower in followers.values { router?.send(.follow(follower.request, ends: follower.ends)) }
    }

    func received(_ message: BusMessage) {
        switch message {
        case .following(let request): heard(request)
        case .live(let request, let signed, let receivedAt):
            guard let key = heard(request) else { return }
            yield(.message(signed, receivedAt: receivedAt), to: key)
        default: break
        }
    }

    func close() {
        isClosed = true
        for key in followers.keys.sorted() { remove(key) }
    }

    private func tick() {
        repeatAll()
        let now = ContinuousClock.now
        for (key, follower) in followers
        where !follower.isLost && now - follower.heard > .milliseconds(Liveness.silenceMilliseconds) {
            followers[key]?.isLost = true
            yield(.routerLost, to: key)
        }
    }

    @discardableResult
    private func heard(_ request: RequestID) -> UInt64? {
        guard let key = followers.first(where: { $0.value.request == request })?.key else { return nil }
        followers[key]?.heard = .now
        if followers[key]?.isLost == true {
            followers[key]?.isLost = false
            yield(.routerBack, to: key)
        }
        return key
    }

    private func yield(_ event: FollowEvent, to key: UInt64) {
        guard let follower = followers[key] else { return }
        if follower.missed > 0 {
            guard case .enqueued = follower.continuation.yield(.missed(follower.missed)) else {
                return miss(event, key)
            }
            followers[key]?.missed = 0
        }
        if case .dropped = follower.continuation.yield(event) { miss(event, key) }
    }

    private func miss(_ event: FollowEvent, _ key: UInt64) {
        guard case .message = event else { return }
        followers[key]?.missed += 1
        counters.now.missedByFollowers += 1
    }
}
