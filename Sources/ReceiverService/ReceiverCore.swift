import Bus
import BusSecurity
import Logging
import Messages
import Operations
import ReceiverStore
import ServiceRuntime
import ZeroMQ

/// Everything of a receiver that lives on the bus's thread, joined: the link to the router feeds the pipeline, the
/// pipeline's results become acks and then the feed.
final class ReceiverCore {
    private let context: LoopContext
    private let feed: Feed
    private let queries: QueryServer
    private let counters: Counters
    private let commitSeconds: Histogram
    private let commitMessages: Histogram
    private let logger: Logger
    private var link: RouterLink?
    private var pipeline: Pipeline?
    private let board: NoticeBoard
    private var storeError: StoreError? {
        didSet { board.store = storeError.map { Notice(code: $0.code.rawValue, text: $0.message) } }
    }
    /// Who may ask and listen; nil over `ipc://`, where the directory of the sockets says that.
    private var entry: BusGuard?

    /// What it takes to make one; all of it may cross threads.
    struct Parts: Sendable {
        let bus: String
        /// nil over `ipc://`.
        let network: ReceiverNetwork?
        /// Who comes in over `ipc://` beside this user.
        var members: BusMembers?
        let endpoints: Endpoints
        let hello: Hello
        let epoch: UInt64
        let position: UInt64
        /// Its channels are the own ones at first; the router tells the others.
        let admission: Admission
        /// Called with them when they have changed.
        let onChannels: @Sendable ([Channel]) -> Void
        let board: NoticeBoard
        let store: any Storing
        let counters: Counters
        let logger: Logger
        /// Milliseconds since 1970.
        let clock: @Sendable () -> Int64
        let answer: QueryServer.Answerer
        let control: QueryServer.Controller
    }

    init(_ parts: Parts, in context: LoopContext) throws {
        self.context = context
        logger = parts.logger
        board = parts.board
        counters = parts.counters
        commitSeconds = counters.histogram("commit_seconds", bounds: Limits.commitBounds)
        commitMessages = counters.histogram("commit_messages", unit: .ones, bounds: Limits.batchBounds)
        entry = parts.network?.entry
        try entry?.open(in: context)
        let curve = entry?.forBinding
        feed = try Feed(
            at: parts.endpoints.feed, curve: curve, members: parts.members, hello: parts.hello, epoch: parts.epoch,
            position: parts.position, in: context)
        queries = try QueryServer(
            at: parts.endpoints.query, curve: curve, members: parts.members, store: parts.hello.store, in: context,
            counters: counters, answerer: parts.answer, controller: parts.control)
        // What was never counted is shown, too.
        for name in Self.counted { counters.add(name, 0) }
        pipeline = makePipeline(parts)
        link = try makeLink(parts)
    }

    private func makePipeline(_ parts: Parts) -> Pipeline {
        let core = LoopBound(self, in: context)
        return Pipeline(
            store: parts.store, admission: parts.admission,
            output: Pipeline.Output(
                settled: { [weak self] in self?.acknowledge($0) }, written: { [weak self] in self?.note($0) }),
            onThread: { body in core.post { $0.pipeline.map(body) } })
    }

    private func makeLink(_ parts: Parts) throws(ZeroMQError) -> RouterLink {
        // The system may have chosen ports.
        var hello = parts.hello
        hello.queryEndpoint = queries.socket.lastEndpoint ?? hello.queryEndpoint
        hello.feedEndpoint = feed.socket.lastEndpoint ?? hello.feedEndpoint
        let (clock, channels) = (parts.clock, parts.admission.channels)
        return try RouterLink(
            bus: parts.bus, curve: parts.network?.keys.toRouter, hello: hello, in: context, counters: counters,
            logger: logger, delivered: { [weak self] in self?.take($0, on: $1, now: clock()) },
            told: { if channels.adopt($0) { parts.onChannels(channels.all) } })
    }

    /// Whether what the router delivers would be stored.
    var readiness: Readiness {
        if let hindrance = link?.hindrance { return .notReady(hindrance) }
        guard queries.socket.isListening, feed.socket.isListening else {
            return .notReady("the addresses of this receiver are bound anew, their files were deleted")
        }
        return storeError.map { .notReady($0.message) } ?? .ready
    }

    /// Lets in whom the list names from now on. When it has lost somebody, all connections are made anew.
    ///
    /// - Returns: whether connections were ended.
    func allow(_ entry: BusGuard) throws(ZeroMQError) -> Bool {
        let before = self.entry
        try entry.open(in: context)
        let hasLost = before?.allowed.hasLost(in: entry.allowed) == true
        do throws(ZeroMQError) {
            if hasLost {
                // Those who may, come again: they ask again, and fill the gap in the feed by a query.
                try queries.socket.renewConnections()
                try feed.socket.renewConnections()
            }
        } catch {
            // All or nothing: who was removed would otherwise stay without anybody knowing.
            try before?.open(in: context)
            throw error
        }
        self.entry = entry
        return hasLost
    }

    /// Says on the feed where the store stands, and to the router how much is in it.
    func pulse(position: UInt64, messages: UInt64) {
        link?.messages = messages
        feed.beat(position: position)
        counters.set("store_position", to: feed.position)
        counters.set("deliveries_under_way", to: UInt64(clamping: pipeline?.underWay ?? 0))
        counters.set("messages_waiting_for_writer", to: UInt64(clamping: pipeline?.waitingForWriter ?? 0))
        let connections = queries.socket.counters + feed.socket.counters
        counters.replaceTotals([
            "handshakes_failed": connections.handshakesFailed, "keys_refused": connections.keysRefused,
            "accepts_failed": connections.acceptsFailed, "listening_pauses": connections.pauses,
            RefusedConnections.counterName: RefusedConnections.count,
        ])
    }

    /// Takes no more deliveries and queries; settles and answers those under way, for at most ``Limits/drainMilliseconds``;
    /// says goodbye; closes.
    func stop(then body: @escaping @Sendable () -> Void) {
        var isDone = false
        let finish = { [self] in
            guard !isDone else { return }
            isDone = true
            link?.close()
            queries.close()
            feed.socket.close()
            body()
        }
        context.after(.milliseconds(Limits.drainMilliseconds), finish)
        let drained = { [self] in
            // At once: what the router has leased to us goes to others, however long an answer takes.
            link?.close()
            queries.drain(then: finish)
        }
        guard let pipeline else { return drained() }
        pipeline.close(whenIdle: drained)
    }

    // MARK: - Between the parts

    private func take(_ deliveries: [Delivery], on connection: ConnectionNumber, now: Int64) {
        counters.add("deliveries", UInt64(deliveries.count))
        if pipeline?.take(deliveries, on: connection, now: now) != true {
            // No ack: the goodbye that follows gives them to somebody else.
            counters.add("deliveries_while_stopping", UInt64(deliveries.count))
        }
    }

    private func acknowledge(_ settled: [Settled]) {
        for one in settled { counters.add(Self.counter(of: one.outcome)) }
        var rest = settled[...]
        while let first = rest.first?.parcel {
            let same = rest.prefix { $0.parcel.connection == first.connection }
            link?.send(same.map { Ack(id: $0.parcel.delivery.id, outcome: $0.outcome) }, on: first.connection)
            rest = rest.dropFirst(same.count)
        }
    }

    private static let counted = [
        "deliveries", "messages_stored", "messages_duplicate", "commits", "commits_failed", "deliveries_while_stopping",
    ]

    /// Refusals are counted by their reasons: there are few, and they are ours.
    private static func counter(of outcome: Ack.Outcome) -> String {
        switch outcome {
        case .stored: "messages_stored"
        case .duplicate: "messages_duplicate"
        case .refused(let refusal): "messages_refused_" + refusal.code
        case .failed(let refusal): "messages_failed_" + refusal.code
        }
    }

    private func note(_ result: Writer.Result) {
        // A transaction that fails takes its time, too.
        commitSeconds.observe(result.time)
        switch result.committed {
        case .success(let committed):
            commitMessages.observe(UInt64(result.settled.count))
            announce(committed)
        case .failure(let error): report(error)
        }
    }

    /// What was committed, by the pipeline or by the replicator.
    func announce(_ committed: Committed) {
        counters.add("commits")
        if storeError != nil {
            storeError = nil
            logger.notice("the store works again")
        }
        feed.announce(committed)
    }

    /// Rules that an operator has made, here or at another store.
    func announce(_ rules: [Rule]) { feed.announce(rules) }

    private func report(_ error: StoreError) {
        counters.add("commits_failed")
        // Once, not for every delivery that the router tries again.
        defer { storeError = error }
        guard storeError == nil else { return }
        logger.error("cannot store messages", metadata: ["code": "\(error.code.rawValue)", "because": "\(error)"])
    }
}

extension LoopBound<ReceiverCore> {
    func readiness() async -> Readiness { (try? await run { $0.readiness }) ?? .notReady("stopping") }
}
