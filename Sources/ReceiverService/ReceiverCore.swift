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
    private let counters: ReceiverCounters
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
        let endpoints: Endpoints
        let hello: Hello
        let epoch: UInt64
        let position: UInt64
        /// The own ones at first; the router tells the others.
        let channels: KeptChannels
        /// Called with them when they have changed.
        let onChannels: @Sendable ([Channel]) -> Void
        let refuses2011: Bool
        let policy: Policy
        let clocks: ClockWatch
        var board = NoticeBoard()
        let store: any Storing
        let counters: Counters
        let logger: Logger
        /// Milliseconds since 1970.
        let clock: @Sendable () -> Int64
        let answer: QueryServer.Answerer
        let control: QueryServer.Controller
    }

    /// - Parameter onThread: brings work to this core's thread.
    init(
        _ parts: Parts, in context: LoopContext,
        onThread: @escaping @Sendable (@escaping @Sendable (ReceiverCore) -> Void) -> Void
    ) throws {
        self.context = context
        logger = parts.logger
        board = parts.board
        counters = ReceiverCounters(parts.counters)
        entry = parts.network?.entry
        try entry?.open(in: context)
        let curve = entry?.forBinding
        feed = try Feed(
            at: parts.endpoints.feed, curve: curve, hello: parts.hello, epoch: parts.epoch, position: parts.position,
            in: context)
        queries = try QueryServer(
            at: parts.endpoints.query, curve: curve, store: parts.hello.store, in: context, counters: parts.counters,
            answerer: parts.answer, controller: parts.control, onThread: { body in onThread { body($0.queries) } })
        pipeline = makePipeline(parts, onThread: onThread)
        let clock = parts.clock
        link = try RouterLink(
            bus: parts.bus, curve: parts.network?.keys.toRouter,
            hello: parts.hello.announcing(query: queries.endpoint, feed: feed.endpoint), in: context,
            counters: parts.counters, logger: parts.logger,
            delivered: { [weak self] in self?.take($0, on: $1, now: clock()) },
            told: { if parts.channels.adopt($0) { parts.onChannels(parts.channels.all) } })
    }

    private func makePipeline(
        _ parts: Parts, onThread: @escaping @Sendable (@escaping @Sendable (ReceiverCore) -> Void) -> Void
    ) -> Pipeline {
        Pipeline(
            store: TimedStore(parts.store, counters: parts.counters), channels: parts.channels,
            refuses2011: parts.refuses2011, policy: parts.policy, clocks: parts.clocks,
            output: Pipeline.Output(
                settled: { [weak self] in self?.acknowledge($0) },
                committed: { [weak self] in self?.announce($0) },
                storeFailed: { [weak self] in self?.report($0) }),
            onThread: { body in onThread { core in core.pipeline.map(body) } })
    }

    /// Whether what the router delivers would be stored.
    var readiness: Readiness {
        if let hindrance = link?.hindrance { return .notReady(hindrance) }
        guard queries.isListening, feed.isListening else {
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
                try queries.renewConnections()
                try feed.renewConnections()
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
        counters.position.set(feed.position)
        counters.underWay.set(UInt64(clamping: pipeline?.underWay ?? 0))
        counters.count(queries.connections + feed.connections)
        counters.waitingForWriter.set(UInt64(clamping: pipeline?.waitingForWriter ?? 0))
    }

    /// Takes no more deliveries; settles those under way, for at most ``Limits/drainMilliseconds``; says goodbye; closes.
    func stop(then body: @escaping @Sendable () -> Void) {
        var isDone = false
        let finish = { [self] in
            guard !isDone else { return }
            isDone = true
            link?.close()
            queries.close()
            feed.close()
            body()
        }
        context.after(.milliseconds(Limits.drainMilliseconds), finish)
        guard let pipeline else { return finish() }
        pipeline.close(whenIdle: finish)
    }

    // MARK: - Between the parts

    private func take(_ deliveries: [Delivery], on connection: ConnectionNumber, now: Int64) {
        counters.delivered.add(UInt64(deliveries.count))
        if pipeline?.take(deliveries, on: connection, now: now) != true {
            // No ack: the goodbye that follows gives them to somebody else.
            counters.whileStopping.add(UInt64(deliveries.count))
        }
    }

    private func acknowledge(_ settled: [Settled]) {
        counters.count(settled)
        var rest = settled[...]
        while let first = rest.first {
            let same = rest.prefix { $0.connection == first.connection }
            link?.send(same.map { Ack(id: $0.delivery, outcome: $0.outcome) }, on: first.connection)
            rest = rest.dropFirst(same.count)
        }
    }

    /// What was committed, by the pipeline or by the replicator.
    func announce(_ committed: Committed) {
        counters.commits.add()
        if storeError != nil {
            storeError = nil
            logger.notice("the store works again")
        }
        feed.announce(committed)
    }

    private func report(_ error: StoreError) {
        counters.failedCommits.add()
        // Once, not for every delivery that the router tries again.
        defer { storeError = error }
        guard storeError == nil else { return }
        logger.error("cannot store messages", metadata: ["code": "\(error.code.rawValue)", "because": "\(error)"])
    }
}
