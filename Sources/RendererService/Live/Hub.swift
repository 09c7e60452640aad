import Bus
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
        var recent = Ring<Committed>(capacity: Limits.replayEvents)
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
        case these([Committed])
        /// What its store has after that place, and of these what that store has not.
        case unknown(after: EventID, recent: [Committed])
    }

    private let wall: any Wall
    private let fragments: Fragments
    private let state = Mutex(State())
    private let fed: Counter
    private let resets: Counter
    private let slow: Counter
    private let full: Counter
    private let open: Gauge

    init(wall: any Wall, fragments: Fragments, counters: Counters) {
        self.wall = wall
        self.fragments = fragments
        fed = counters.counter("feed_messages")
        resets = counters.counter("feed_resets")
        slow = counters.counter("streams_dropped_slow")
        full = counters.counter("streams_refused_full")
        open = counters.gauge("streams")
    }

    /// Takes the feed until the service stops; then every stream ends.
    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.takeFeed() }
            group.addTask { await self.ping() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        closeAll()
    }

    private func takeFeed() async {
        for await event in wall.feed() {
            switch event {
            case .committed(let messages): for message in messages { publish(message) }
            case .reset: reset()
            }
        }
    }

    /// The feed has a hole. Every stream ends; its browser is back in seconds and gets from the store what it missed.
    private func reset() {
        let all = state.withLock { state in
            state.recent = Ring(capacity: Limits.replayEvents)
            defer { state.subscribers = [:] }
            return Array(state.subscribers.values)
        }
        resets.add()
        for subscriber in all { subscriber.finish() }
        updateGauge()
    }

    private func ping() async {
        while (try? await Task.sleep(for: .seconds(Limits.pingSeconds))) != nil { offer(.ping) }
    }

    /// Gives one message to all streams. Rendered once, and only if there is a stream.
    func publish(_ committed: Committed) {
        fed.add()
        let isWanted = state.withLock { !$0.subscribers.isEmpty }
        let bytes = isWanted ? event(committed) : ByteBuffer()
        let late = state.withLock { state in
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
            slow.add()
            subscriber.cutOff()
        }
        updateGauge()
    }

    func event(_ committed: Committed) -> ByteBuffer {
        ByteBuffer(string: LiveEvent.message(committed, html: fragments.html(of: committed.row)))
    }

    // MARK: streams

    /// The newest event that is remembered: where the wall stands, as far as the feed has told.
    var newest: EventID? { state.withLock { $0.recent.newest?.eventID } }

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
            full.add()
            return nil
        }
        return Place(subscriber, missed: entry.missed, key: entry.key, hub: self)
    }

    private static func missed(after last: EventID, in recent: Ring<Committed>) -> Missed {
        if let missed = recent.after({ $0.eventID == last }) { return .these(missed) }
        return .unknown(after: last, recent: recent.inOrder)
    }

    private func remove(_ key: UInt64) {
        let subscriber = state.withLock { $0.subscribers.removeValue(forKey: key) }
        subscriber?.finish()
        updateGauge()
    }

    private func closeAll() {
        let all = state.withLock { state in
            state.isClosed = true
            defer { state.subscribers = [:] }
            return Array(state.subscribers.values)
        }
        for subscriber in all { subscriber.finish() }
        updateGauge()
    }

    private func updateGauge() {
        open.set(UInt64(state.withLock { $0.subscribers.count }))
    }
}
