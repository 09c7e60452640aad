/// Streams of the feed's events, each with a bounded buffer. Who falls behind is told to begin anew.
struct FeedSubscribers {
    typealias Continuation = AsyncStream<FeedEvent>.Continuation

    private struct Subscriber {
        let continuation: Continuation
        /// Something was dropped: the next thing it hears is `reset`.
        var needsReset = false
    }

    private var subscribers: [UInt64: Subscriber] = [:]
    private let counters: ClientCounters

    init(counters: ClientCounters) {
        self.counters = counters
    }

    var isEmpty: Bool { subscribers.isEmpty }

    mutating func add(_ key: UInt64, _ continuation: Continuation) {
        subscribers[key] = Subscriber(continuation: continuation)
    }

    mutating func remove(_ key: UInt64) {
        subscribers.removeValue(forKey: key)?.continuation.finish()
    }

    mutating func removeAll() {
        for key in subscribers.keys.sorted() { remove(key) }
    }

    mutating func yield(_ event: FeedEvent) {
        for key in subscribers.keys.sorted() { yield(event, to: key) }
    }

    /// Tells those that are due for a reset, where there is room now.
    mutating func tellResets() {
        for (key, subscriber) in subscribers where subscriber.needsReset { yield(.reset, to: key) }
    }

    private mutating func yield(_ event: FeedEvent, to key: UInt64) {
        guard let subscriber = subscribers[key] else { return }
        if subscriber.needsReset {
            guard case .enqueued = subscriber.continuation.yield(.reset) else { return }
            subscribers[key]?.needsReset = false
            counters.now.resets += 1
            if event == .reset { return }
        } else if event == .reset {
            counters.now.resets += 1
        }
        if case .dropped = subscriber.continuation.yield(event) { subscribers[key]?.needsReset = true }
    }
}
