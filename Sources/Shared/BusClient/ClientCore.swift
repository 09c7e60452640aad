import Bus
import BusSecurity
import Messages
import ZeroMQ

/// Everything that a client has on its loop's thread.
final class ClientCore {
    let followers: Followers
    let receivers: ReceiverPool
    let feed: FeedEngine
    private(set) var isClosed = false

    private let context: LoopContext
    /// nil when the system had no socket for it; then every request fails with `failure`.
    private let router: Link?
    private let failure: BusError
    private let ids: RequestIDs
    private var cancellations: [ObjectIdentifier: () -> Void] = [:]

    init(bus: String, keys: BusKeys?, trustsStores: Bool, context: LoopContext) {
        self.context = context
        ids = RequestIDs()
        var router: Link?
        var failure = BusError.closed
        do {
            // Keys are for tcp; a bus in a directory has no use for them.
            let curve = IPC.path(of: bus) == nil ? keys?.toRouter : nil
            router = try Link(
                to: bus, peer: "the router at \(bus)", absence: .noRouter, curve: curve, context: context)
        } catch {
            failure = BusError(error)
        }
        self.router = router
        self.failure = failure
        let followers = Followers(router: router, ids: ids, context: context)
        let receivers = ReceiverPool(
            router: router, keys: keys, trustsStores: trustsStores, ids: ids, context: context)
        self.followers = followers
        self.receivers = receivers
        feed = FeedEngine(receivers: receivers, context: context)
        router?.onOther = { [unowned followers] message in followers.received(message) }
        router?.onConnected = { [unowned followers] in followers.repeatAll() }
    }

    func publish(
        _ message: SignedMessage, acks: UInt16?, timeout: Duration, _ call: Call,
        _ finish: @escaping Completion<Receipt>
    ) {
        let id = ids.next()
        ask(id, call, timeout) { left in
            let wait = max(left - BusClientLimits.receiptMargin, left / 2)
            return .publish(
                Publish(request: id, acks: acks, waitMilliseconds: wait.wholeMilliseconds, message: message))
        } read: {
            if case .receipt(_, let receipt) = $0 { receipt } else { nil }
        } finish: {
            finish($0)
        }
    }

    func directory(timeout: Duration, _ call: Call, _ finish: @escaping Completion<Directory>) {
        let id = ids.next()
        ask(id, call, timeout) { _ in
            .directoryRequest(id)
        } read: {
            if case .directory(_, let directory) = $0 { directory } else { nil }
        } finish: {
            finish($0)
        }
    }

    func status(timeout: Duration, _ call: Call, _ finish: @escaping Completion<String>) {
        let id = ids.next()
        ask(id, call, timeout) { _ in
            .statusRequest(id)
        } read: {
            if case .status(_, let json) = $0 { json } else { nil }
        } finish: {
            finish($0)
        }
    }

    func query(
        _ query: Query, of store: StoreID?, timeout: Duration, _ call: Call, _ finish: @escaping Completion<Answer>
    ) {
        let run = receivers.query(query, of: store, timeout: timeout) { [weak self] result in
            self?.cancellations[ObjectIdentifier(call)] = nil
            finish(result)
        }
        guard !run.isFinished else { return }
        cancellations[ObjectIdentifier(call)] = { run.finish(.failure(.cancelled)) }
    }

    func control(
        _ control: Control, of store: StoreID, timeout: Duration, _ finish: @escaping Completion<Answer>
    ) {
        receivers.control(control, of: store, timeout: timeout, finish: finish)
    }

    func deadLetters(
        redeliver: Bool, timeout: Duration, _ call: Call, _ finish: @escaping Completion<[DeadLetter]>
    ) {
        let id = ids.next()
        ask(id, call, timeout) { _ in
            .deadLettersRequest(id, redeliver: redeliver)
        } read: {
            if case .deadLetters(_, let letters) = $0 { letters } else { nil }
        } finish: {
            finish($0)
        }
    }

    /// The call's task was cancelled.
    func cancel(_ call: Call) {
        cancellations.removeValue(forKey: ObjectIdentifier(call))?()
    }

    var counters: BusClientCounters {
        var counters = BusClientCounters()
        counters.resent = router?.resent ?? 0
        counters.unknownReplies = (router?.unknownReplies ?? 0) + receivers.unknownReplies
        counters.unreadable = (router?.unreadable ?? 0) + receivers.unreadable + feed.unreadable
        counters.failovers = receivers.failovers
        counters.hedges = receivers.hedges
        counters.uselessEntries = receivers.uselessEntries
        counters.gaps = feed.gaps
        counters.repairedMessages = feed.repairedMessages
        counters.duplicates = feed.duplicates
        counters.resets = feed.resets
        counters.missedByFollowers = followers.missed
        return counters
    }

    var isConnected: Bool { isClosed || router?.connection == .up }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        followers.close()
        feed.close()
        receivers.close()
        router?.close(.closed)
    }

    /// One request to the router for one call.
    private func ask<Value>(
        _ id: RequestID, _ call: Call, _ timeout: Duration, message: @escaping (Duration) -> BusMessage,
        read: @escaping (BusMessage) -> Value?, finish: @escaping Completion<Value>
    ) {
        guard let router else { return finish(.failure(failure)) }
        let key = ObjectIdentifier(call)
        cancellations[key] = {
            router.cancel(id)
            finish(.failure(.cancelled))
        }
        router.start(
            id,
            Link.Request(deadline: .now + timeout, repeats: true, message: message) { [weak self] result in
                // `call` lives as long as its entry, so that its key stays its own.
                _ = call
                self?.cancellations[key] = nil
                finish(
                    result.flatMap { message in
                        read(message).map { .success($0) } ?? .failure(.unexpected(from: router.peer))
                    })
            })
    }
}

/// Numbers for requests. They begin anywhere, so that those of two clients are hardly ever the same in a log.
final class RequestIDs {
    private var last = UInt64.random(in: 0...UInt64.max)

    func next() -> RequestID {
        last &+= 1
        return RequestID(last)
    }
}

extension Duration {
    /// Rounded down and clamped to what a message can carry.
    var wholeMilliseconds: UInt32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < Int64(UInt32.max) / 1_000 else { return .max }
        return UInt32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
