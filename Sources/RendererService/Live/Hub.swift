import Bus
import BusClient
import Logging
import NIOCore
import ServiceLifecycle
import ServiceRuntime
import Synchronization

/// Takes the feed once and gives it to every open event stream. A stream that comes back is completed from a store, which
/// knows what is shown by now.
final class Hub: Service {
    private struct State {
        var subscribers: [UInt64: Subscriber] = [:]
        var nextKey: UInt64 = 0
        /// The newest ``Limits/recentMessages`` of them, oldest first.
        var recent = CircularBuffer<FeedMessage>()
        var pace = Pace()
        var withdrawn = Withdrawn()
        /// The last message that the feed has brought; nil after a hole in it.
        var newest: EventID?
        var isClosed = false
    }

    /// A stream's place among the subscribers. It is given back when the last reference goes, so that an answer that was
    /// never begun keeps none.
    final class Place: Sendable {
        let subscriber: Subscriber
        /// What came lately to other stores than that of the stream's place, which that one may not have.
        let recent: [FeedMessage]
        /// What was taken off the wall and the reader may have.
        let hidden: [LiveEvent.Hidden]
        private let key: UInt64
        private let hub: Hub

        fileprivate init(
            _ subscriber: Subscriber, recent: [FeedMessage], hidden: [LiveEvent.Hidden], key: UInt64, hub: Hub
        ) {
            self.subscriber = subscriber
            self.recent = recent
            self.hidden = hidden
            self.key = key
            self.hub = hub
        }

        deinit { leave() }

        func leave() { hub.remove(key) }
    }

    private let wall: any Wall
    private let fragments: Fragments
    private let state = Mutex(State())
    private let counters: Counters

    init(wall: any Wall, fragments: Fragments, counters: Counters) {
        self.wall = wall
        self.fragments = fragments
        self.counters = counters
        // What is counted is there from the start.
        for name in ["feed_messages", "feed_counted", "feed_resets", "streams_dropped_slow", "streams_refused_full"] {
            counters.add(name, 0)
        }
        updateGauge()
    }

    /// Takes the feed until the service stops; then every stream ends.
    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.takeFeed() }
            group.addTask { await self.ping() }
            group.addTask { await self.tellCounts() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        state.withLock { $0.isClosed = true }
        endStreams()
    }

    private func takeFeed() async {
        for await event in wall.feed() {
            switch event {
            case .messages(let messages): for message in messages { publish(message) }
            case .rules(let rules): withdraw(rules)
            case .reset: reset()
            }
        }
    }

    /// The feed has a hole. Every stream ends; its browser is back in seconds and gets from the store what it missed.
    private func reset() {
        state.withLock { state in
            state.recent.removeAll()
            state.newest = nil
        }
        counters.add("feed_resets")
        endStreams()
    }

    private func ping() async {
        while (try? await Task.sleep(for: .seconds(Limits.pingSeconds))) != nil { offer(LiveEvent.ping) }
    }

    private func tellCounts() async {
        while (try? await Task.sleep(for: .seconds(Limits.countSeconds))) != nil { tellCount() }
    }

    /// Gives one message to all streams, or counts it where there are too many. Rendered once, and only if it is given to
    /// somebody.
    func publish(_ committed: FeedMessage, now: ContinuousClock.Instant = .now) {
        counters.add("feed_messages")
        let (isTold, isWanted) = state.withLock { state in
            state.newest = committed.eventID
            guard !state.withdrawn.holds(committed.stored.message) else { return (false, false) }
            let isTold = state.pace.admits(committed.eventID, after: state.recent.last?.eventID, now: now)
            if !isTold {
                counters.add("feed_counted")
                Hub.remember(committed, in: &state.recent)
            }
            return (isTold, !state.subscribers.isEmpty)
        }
        guard isTold else { return }
        let bytes = isWanted ? event(committed) : ByteBuffer()
        let late = state.withLock { state in
            Hub.remember(committed, in: &state.recent)
            // One that came between the two locks is served too.
            let bytes = isWanted || state.subscribers.isEmpty ? bytes : event(committed)
            return Hub.offer(.event(committed, bytes), to: &state.subscribers)
        }
        drop(late)
    }

    private static func remember(_ committed: FeedMessage, in recent: inout CircularBuffer<FeedMessage>) {
        if recent.count == Limits.recentMessages { recent.removeFirst() }
        recent.append(committed)
    }

    /// Tells all streams how many messages were not given to them, if there are any; where these are few, them.
    func tellCount(now: ContinuousClock.Instant = .now) {
        let (count, few) = state.withLock { state -> (Pace.Count?, [FeedMessage]) in
            let count = state.pace.takeCount(now: now)
            return (count, count.map { $0.isFew ? Array(state.recent.suffix($0.messages)) : [] } ?? [])
        }
        guard let count else { return }
        guard count.isFew else { return offer(LiveEvent.new(count), to: count.last) }
        for committed in few {
            let bytes = event(committed)
            drop(state.withLock { Hub.offer(.event(committed, bytes), to: &$0.subscribers) })
        }
    }

    /// What an operator has taken off the wall leaves the pages of those who read them now, too.
    private func withdraw(_ rules: [Rule]) {
        let hidden = state.withLock { state in
            let hidden = state.withdrawn.take(rules, at: state.newest)
            state.recent.removeAll { state.withdrawn.holds($0.stored.message) }
            return hidden
        }
        for one in hidden { offer(LiveEvent.hidden(one)) }
    }

    /// Whether an operator has taken it off the wall since it came.
    func isWithdrawn(_ committed: FeedMessage) -> Bool {
        state.withLock { $0.withdrawn.holds(committed.stored.message) }
    }

    private func offer(_ notice: String, to place: EventID? = nil) {
        let notice = Subscriber.Item.notice(ByteBuffer(string: notice), to: place)
        drop(state.withLock { Hub.offer(notice, to: &$0.subscribers) })
    }

    /// - Returns: those that cannot keep up, removed.
    private static func offer(_ item: Subscriber.Item, to subscribers: inout [UInt64: Subscriber]) -> [Subscriber] {
        var late: [UInt64] = []
        for (key, subscriber) in subscribers where !subscriber.offer(item) { late.append(key) }
        return late.compactMap { subscribers.removeValue(forKey: $0) }
    }

    private func drop(_ late: [Subscriber]) {
        for subscriber in late {
            counters.add("streams_dropped_slow")
            subscriber.cutOff()
        }
        updateGauge()
    }

    func event(_ committed: FeedMessage) -> ByteBuffer {
        ByteBuffer(string: LiveEvent.message(committed, html: fragments.html(of: committed.row)))
    }

    // MARK: streams

    /// The newest event that is remembered: where the wall stands, as far as the feed has told.
    var newest: EventID? { state.withLock { $0.recent.last?.eventID } }

    /// - Parameters:
    ///   - last: the last event that the reader has, or where it begins.
    ///   - site: where the reader comes from.
    ///   - close: closes the reader's connection.
    /// - Returns: nil when there are as many streams as there may be, and none gives way.
    func join(after last: EventID, of site: [UInt8] = [], close: @escaping @Sendable () -> Void) -> Place? {
        let subscriber = Subscriber(site: site, close: close)
        var displaced: Subscriber?
        let place = state.withLock { state -> Place? in
            guard !state.isClosed else { return nil }
            if state.subscribers.count >= Limits.streams {
                guard let key = state.subscribers.leastMissed(by: site) else { return nil }
                displaced = state.subscribers.removeValue(forKey: key)
            }
            defer { state.nextKey += 1 }
            state.subscribers[state.nextKey] = subscriber
            return Place(
                subscriber, recent: state.recent.filter { $0.store != last.store },
                hidden: state.withdrawn.hidden(since: last), key: state.nextKey, hub: self)
        }
        updateGauge()
        if place == nil { counters.add("streams_refused_full") }
        if let displaced {
            counters.add("streams_displaced")
            // Its browser comes back, and finds no room while others have less.
            displaced.cutOff()
        }
        return place
    }

    private func remove(_ key: UInt64) {
        let subscriber = state.withLock { $0.subscribers.removeValue(forKey: key) }
        subscriber?.finish()
        updateGauge()
    }

    private func endStreams() {
        let all = state.withLock { state in
            defer { state.subscribers = [:] }
            return state.subscribers.values
        }
        for subscriber in all { subscriber.finish() }
        updateGauge()
    }

    private func updateGauge() {
        counters.set("streams", to: UInt64(state.withLock { $0.subscribers.count }))
    }
}
