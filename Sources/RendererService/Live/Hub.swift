import Bus
import BusClient
import Logging
import NIOCore
import ServiceLifecycle
import ServiceRuntime
import Synchronization

/// Takes the feed once and gives it to every open event stream. What it keeps is a convenience: a stream that comes back
/// to another renderer, or to this one after a restart, is completed from a store.
final class Hub: Service {
    private struct State {
        var subscribers: [UInt64: Subscriber] = [:]
        var nextKey: UInt64 = 0
        /// The newest ``Limits/replayEvents`` of them, oldest first.
        var recent = CircularBuffer<FeedMessage>()
        var isClosed = false
    }

    /// A stream's place among the subscribers, and what it missed. It is given back when the last reference goes, so
    /// that an answer that was never begun keeps none.
    final class Place: Sendable {
        let subscriber: Subscriber
        let missed: Missed
        private let key: UInt64
        private let hub: Hub

        fileprivate init(_ subscriber: Subscriber, missed: Missed, key: UInt64, hub: Hub) {
            self.subscriber = subscriber
            self.missed = missed
            self.key = key
            self.hub = hub
        }

        deinit { leave() }

        func leave() { hub.remove(key) }
    }

    enum Missed: Sendable {
        /// These, which are all.
        case these([FeedMessage])
        /// What its store has after that place, and of these what that store has not.
        case unknown(after: EventID, recent: [FeedMessage])
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
        for name in ["feed_messages", "feed_resets", "streams_dropped_slow", "streams_refused_full"] {
            counters.add(name, 0)
        }
        updateGauge()
    }

    /// Takes the feed until the service stops; then every stream ends.
    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.takeFeed() }
            group.addTask { await self.ping() }
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
            case .reset: reset()
            }
        }
    }

    /// The feed has a hole. Every stream ends; its browser is back in seconds and gets from the store what it missed.
    private func reset() {
        state.withLock { $0.recent.removeAll() }
        counters.add("feed_resets")
        endStreams()
    }

    private func ping() async {
        while (try? await Task.sleep(for: .seconds(Limits.pingSeconds))) != nil { offer(.ping) }
    }

    /// Gives one message to all streams. Rendered once, and only if there is a stream.
    func publish(_ committed: FeedMessage) {
        counters.add("feed_messages")
        let isWanted = state.withLock { !$0.subscribers.isEmpty }
        let bytes = isWanted ? event(committed) : ByteBuffer()
        let late = state.withLock { state in
            if state.recent.count == Limits.replayEvents { state.recent.removeFirst() }
            state.recent.append(committed)
            // One that came between the two locks is served too.
            let bytes = isWanted || state.subscribers.isEmpty ? bytes : event(committed)
            return Hub.offer(.event(committed, bytes), to: &state.subscribers)
        }
        drop(late)
    }

    private func offer(_ item: Subscriber.Item) {
        drop(state.withLock { Hub.offer(item, to: &$0.subscribers) })
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
    ///   - close: closes the reader's connection.
    /// - Returns: nil when there are as many streams as there may be.
    func join(after last: EventID, close: @escaping @Sendable () -> Void) -> Place? {
        let subscriber = Subscriber(close: close)
        let entry = state.withLock { state -> (key: UInt64, missed: Missed)? in
            guard !state.isClosed, state.subscribers.count < Limits.streams else { return nil }
            defer { state.nextKey += 1 }
            state.subscribers[state.nextKey] = subscriber
            return (state.nextKey, Hub.missed(after: last, in: state.recent))
        }
        updateGauge()
        guard let entry else {
            counters.add("streams_refused_full")
            return nil
        }
        return Place(subscriber, missed: entry.missed, key: entry.key, hub: self)
    }

    private static func missed(after last: EventID, in recent: CircularBuffer<FeedMessage>) -> Missed {
        guard let place = recent.lastIndex(where: { $0.eventID == last }) else {
            return .unknown(after: last, recent: Array(recent))
        }
        return .these(Array(recent[recent.index(after: place)...]))
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
