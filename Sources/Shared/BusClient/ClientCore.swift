import Bus
import BusSecurity
import Messages
import ZeroMQ

/// Everything that a client has on its loop's thread.
final class ClientCore {
    let counters = ClientCounters()
    let followers: Followers
    let receivers: ReceiverPool
    let feed: FeedEngine
    private(set) var isClosed = false

    /// nil when the system had no socket for it; then every request fails with `failure`.
    private let router: Link?
    private let failure: BusError
    private let ids = RequestIDs()
    private var cancellations: [ObjectIdentifier: () -> Void] = [:]

    init(bus: String, keys: BusKeys?, trustsStores: Bool, context: LoopContext) {
        var router: Link?
        var failure = BusError.closed
        do {
            // Keys are for tcp; a bus in a directory has no use for them.
            let curve = IPC.path(of: bus) == nil ? keys?.toRouter : nil
            router = try Link(
                to: bus, peer: "the router at \(bus)", absence: .noRouter, curve: curve, counters: counters,
                context: context)
        } catch {
            failure = BusError(error)
        }
        self.router = router
        self.failure = failure
        let followers = Followers(router: router, ids: ids, counters: counters, context: context)
        self.followers = followers
        receivers = ReceiverPool(
            router: router, keys: keys, trustsStores: trustsStores, ids: ids, counters: counters, context: context)
        feed = FeedEngine(receivers: receivers, counters: counters, context: context)
        router?.onOther = { [unowned followers] message in followers.received(message) }
        router?.onConnected = { [unowned followers] in followers.repeatAll() }
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

    /// The call's task was cancelled.
    func cancel(_ call: Call) {
        cancellations.removeValue(forKey: ObjectIdentifier(call))?()
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
    func ask<Value>(
        _ call: Call, timeout: Duration, message: @escaping (RequestID, Duration) -> BusMessage,
        read: @escaping (BusMessage) -> Value?, finish: @escaping Completion<Value>
    ) {
        guard let router else { return finish(.failure(failure)) }
        let id = ids.next()
        let key = ObjectIdentifier(call)
        cancellations[key] = {
            router.cancel(id)
            finish(.failure(.cancelled))
        }
        router.ask(id, deadline: .now + timeout, repeats: true, message: { message(id, $0) }, read: read) {
            [weak self] result in
            // `call` lives as long as its entry, so that its key stays its own.
            _ = call
            self?.cancellations[key] = nil
            finish(result)
        }
    }
}

/// What all parts of a client count in. Belongs to the loop's thread.
final class ClientCounters {
    var now = BusClientCounters()
}

/// Numbers for requests. They begin anywhere, so that those of two clients are hardly ever the same in a log.
final class RequestIDs {
    private var last = UInt64.random(in: 0...UInt64.max)

    func next() -> RequestID {
        last &+= 1
        return RequestID(last)
    }
}
