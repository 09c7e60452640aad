import Bus
import BusSecurity
import FoundationEssentials
import Messages
import Synchronization
import ZeroMQ

/// The bus, for everybody who uses it: publish, query, follow, feed.
///
/// It needs one address, the router's. It connects by itself, stays connected over restarts of the other side, and finds
/// the receivers in the router's directory. All its sockets live on one thread of its own. Many tasks may use it at once.
///
/// Every call ends: with its answer, at its deadline, when its task is cancelled, or when the client is closed.
package final class BusClient: Sendable {
    /// The router's address.
    package let bus: String
    private let loop: Loop
    private let core: LoopBound<ClientCore>
    private let timeout: Duration
    private let lastStream = Atomic<UInt64>(0)

    /// Nothing is awaited: that there is no router shows with the first request.
    ///
    /// - Parameters:
    ///   - bus: the router's address, `ipc://` and an absolute path, or `tcp://HOST:PORT`.
    ///   - keys: needed over `tcp://`.
    ///   - trustsStores: whether what receivers read from their stores is believed without checking it again: for
    ///     services, whose bus is that of their own node.
    ///   - name: what this client is, for the name of its thread.
    ///   - timeout: of requests that don't say their own.
    /// - Throws: `addressInvalid`, `system`.
    package init(
        bus: String, keys: BusKeys? = nil, trustsStores: Bool = false, name: String, timeout: Duration = .seconds(5)
    ) throws(BusError) {
        self.bus = bus
        self.timeout = timeout
        do {
            try IPC.validate(bus, curve: keys != nil)
            let loop = try Loop(name: name)
            self.loop = loop
            core = LoopBound(on: loop) { ClientCore(bus: bus, keys: keys, trustsStores: trustsStores, context: $0) }
        } catch {
            throw BusError(error)
        }
    }

    /// Sends a message to the router and waits for the receipt. The same request is sent again while no answer comes,
    /// which is harmless; hundreds may be in flight.
    ///
    /// - Parameters:
    ///   - message: signed.
    ///   - acks: stores that must have committed; nil: one where the router knows a store, else none.
    ///   - origin: a node's own people become known to it by writing, visitors don't.
    ///   - timeout: then the receipt says what has happened until then (`complete` is false), if the router is there.
    /// - Throws: `noRouter`, `timedOut`, `refused`, `version`, `busy`, `closed`, `cancelled`.
    package func publish(
        _ message: SignedMessage, acks: Int? = nil, from origin: Origin = .visitor, timeout: Duration? = nil
    ) async throws(BusError) -> Receipt {
        try await ask(timeout) { id, left in
            let wait = max(left - BusClientLimits.receiptMargin, left / 2)
            return .publish(
                Publish(
                    request: id, acks: acks.map { UInt16(clamping: $0) },
                    waitMilliseconds: UInt32(wait / .milliseconds(1)), origin: origin, message: message))
        } read: {
            if case .receipt(_, let receipt) = $0 { receipt } else { nil }
        }
    }

    /// Who is here, as the router knows it.
    ///
    /// - Throws: as `publish`.
    package func directory(timeout: Duration? = nil) async throws(BusError) -> Directory {
        try await ask(
            timeout, message: { id, _ in .directoryRequest(id) },
            read: { if case .directory(_, let directory) = $0 { directory } else { nil } })
    }

    /// The router's state.
    ///
    /// - Throws: as `publish`; `unexpected` for a report that can't be read.
    package func status(timeout: Duration? = nil) async throws(BusError) -> StatusReport {
        let json = try await ask(
            timeout, message: { id, _ in .statusRequest(id) },
            read: { if case .status(_, let json) = $0 { json } else { nil } })
        guard let report = try? JSONDecoder().decode(StatusReport.self, from: Data(json.utf8)) else {
            throw .unexpected(from: "the router at \(bus)")
        }
        return report
    }

    /// Asks a receiver; another one, when the first is late or gone: at most three within two seconds. None is asked again
    /// while it may be working on the question, and a search is with one receiver at a time.
    ///
    /// - Parameters:
    ///   - query: reads only.
    ///   - store: where given, only receivers of this store: positions mean nothing elsewhere.
    ///   - timeout: for all tries together, which receivers are told; nil: two seconds, five for a search, or the client's
    ///     timeout if that is shorter.
    /// - Returns: a `refused` answer only when every receiver that was asked refused, or where all would.
    /// - Throws: `noReceiver`, `noRouter`, `timedOut`, `version`, `closed`, `cancelled`.
    package func query(
        _ query: Query, of store: StoreID? = nil, timeout: Duration? = nil
    ) async throws(BusError) -> Answer {
        let usual = query.isSearch ? BusClientLimits.searchTimeout : BusClientLimits.queryTimeout
        let timeout = limited(timeout ?? min(self.timeout, usual))
        return try await perform { core, call, finish in
            core.query(query, of: store, timeout: timeout, call, finish)
        }
    }

    /// Live messages of some channels, straight from the router, until the task that reads is cancelled or the client
    /// closed. The router is told again and again, so a restart of it costs only what came meanwhile.
    ///
    /// The stream holds up to ``BusClientLimits/followBuffer`` events; whoever is slower gets `missed`.
    package func follow(channels: [Channel]) -> AsyncStream<FollowEvent> {
        let ends = channels.map(\.end)
        return stream(holding: BusClientLimits.followBuffer) { core, key, continuation in
            core.followers.add(key, ends: ends, continuation)
        } remove: { core, key in
            core.followers.remove(key)
        }
    }

    /// What all stores commit from now on, each message once, until the task that reads is cancelled or the client
    /// closed. Gaps are noticed and filled by queries.
    ///
    /// The stream holds up to ``BusClientLimits/feedBuffer`` events; whoever is slower gets `reset`.
    package func feed() -> AsyncStream<FeedEvent> {
        stream(holding: BusClientLimits.feedBuffer) { core, key, continuation in
            core.feed.subscribe(key, continuation)
        } remove: { core, key in
            core.feed.unsubscribe(key)
        }
    }

    private func stream<Event>(
        holding events: Int,
        add: @escaping @Sendable (ClientCore, UInt64, AsyncStream<Event>.Continuation) -> Void,
        remove: @escaping @Sendable (ClientCore, UInt64) -> Void
    ) -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingOldest(events))
        let key = lastStream.add(1, ordering: .relaxed).newValue
        continuation.onTermination = { [loop, core] _ in loop.post { remove(core.value(in: $0), key) } }
        let accepted = loop.post { [core] in add(core.value(in: $0), key, continuation) }
        if !accepted { continuation.finish() }
        return stream
    }

    /// What was counted; zeros after `close`.
    package func counters() async -> BusClientCounters {
        let counters = try? await loop.run { [core] in core.value(in: $0).counters.now }
        return counters ?? BusClientCounters()
    }

    /// Ends everything that waits (`closed`; streams end) and the thread. Once more is harmless.
    package func close() async {
        loop.post { [core] in core.value(in: $0).close() }
        await loop.shutdown()
    }

    /// True as soon as the client's thread has come round, and when it was ended; never, while that is stuck.
    package func isAlive() async -> Bool { (try? await loop.run { _ in true }) ?? true }

    /// Whether the router is there at this moment; true as well when the client was closed, and nobody waits for it.
    package func isConnected() async -> Bool {
        (try? await loop.run { [core] in core.value(in: $0).isConnected }) ?? true
    }

    func limited(_ timeout: Duration) -> Duration { max(.zero, min(timeout, BusClientLimits.longestTimeout)) }

    /// One request to the router, which is made anew for each sending from its id and the time that is left.
    func ask<Value: Sendable>(
        _ timeout: Duration?, message: @escaping @Sendable (RequestID, Duration) -> BusMessage,
        read: @escaping @Sendable (BusMessage) -> Value?
    ) async throws(BusError) -> Value {
        let timeout = limited(timeout ?? self.timeout)
        return try await perform { core, call, finish in
            core.ask(call, timeout: timeout, message: message, read: read, finish: finish)
        }
    }

    /// Starts something on the loop's thread and waits for its one result.
    func perform<Value: Sendable>(
        _ start: @escaping @Sendable (ClientCore, Call, @escaping Completion<Value>) -> Void
    ) async throws(BusError) -> Value {
        let call = Call()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, BusError>, Never>) in
                let accepted = loop.post { [core] context in
                    let core = core.value(in: context)
                    guard !core.isClosed else { return continuation.resume(returning: .failure(.closed)) }
                    guard !call.isCancelled else { return continuation.resume(returning: .failure(.cancelled)) }
                    start(core, call) { continuation.resume(returning: $0) }
                }
                if !accepted { continuation.resume(returning: .failure(.closed)) }
            }
        } onCancel: {
            call.cancel()
            loop.post { [core] in core.value(in: $0).cancel(call) }
        }
        return try result.get()
    }
}

/// Gets the one result of a call.
typealias Completion<Value> = (Result<Value, BusError>) -> Void

/// One call of a task, and whether the task was cancelled: before or after the loop has heard of it.
final class Call: Sendable {
    private let cancelled = Atomic(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }
}
