import Bus
import BusClient
import BusSecurity
import Logging
import Messages
import Operations
import ReceiverStore
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import ZeroMQ

/// A receiver: verifies what the router delivers, stores it, acknowledges it after the commit, announces it, and answers
/// queries.
final class Receiver: Service {
    private let id: ReceiverID
    private let endpoints: Endpoints
    private let configuration: ReceiverConfiguration
    private let counters: Counters
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private let monotonic: @Sendable () -> ContinuousClock.Instant
    private let onStart: @Sendable () -> Void
    private let running = Mutex<LoopBound<ReceiverCore>?>(nil)

    /// Touches nothing yet.
    ///
    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - monotonic: a clock that only goes forward, also while the machine sleeps.
    ///   - onStart: called when it takes deliveries and queries.
    /// - Throws: `ZeroMQError` for addresses that cannot be.
    init(
        _ configuration: ReceiverConfiguration, counters: Counters, logger: Logger,
        clock: @escaping @Sendable () -> Int64 = { Timestamp.now },
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        onStart: @escaping @Sendable () -> Void = {}
    ) throws(ZeroMQError) {
        var random = SystemRandomNumberGenerator()
        id = ReceiverID(UniqueID(using: &random))
        if let network = configuration.network {
            endpoints = Endpoints(network.address)
        } else {
            endpoints = try Endpoints(bus: configuration.bus, in: configuration.directory, receiver: id)
        }
        self.configuration = configuration
        self.counters = counters
        self.logger = logger
        self.clock = clock
        self.monotonic = monotonic
        self.onStart = onStart
    }

    /// nil while it starts.
    var core: LoopBound<ReceiverCore>? { running.withLock { $0 } }

    /// Opens the store and runs until graceful shutdown, then ends within 5 s: commits and acknowledges what is verified,
    /// says goodbye, and closes the store.
    ///
    /// - Throws: ``StoreError``, also when the store cannot be used any longer.
    func run() async throws {
        let store = try await openStore()
        defer { store.close() }
        let household = try await household(store)
        let loop = try Loop(name: "receiver bus") { [logger] error in
            logger.error("a callback failed", metadata: ["error": "\(error)"])
        }
        do {
            let core = try await start(household, on: loop)
            logger.notice(
                "receiving",
                metadata: [
                    "store": "\(store.place)", "id": "\(store.id)", "receiver": "\(id.id.short)",
                    "channels": "\(configuration.channels.map(\.name).joined(separator: ","))",
                ])
            onStart()
            let failure = await serve(core, household)
            await stop(core)
            if let failure { throw failure }
        } catch {
            await loop.shutdown()
            SocketFiles.remove(endpoints.files)
            throw error
        }
        await loop.shutdown()
        SocketFiles.remove(endpoints.files)
        logger.notice("stopped")
    }

    /// Whether the bus's thread comes round; one that was ended did, too. While there is none, something else is to blame.
    @Sendable func isAlive() async -> Bool { (try? await core?.run { _ in true }) ?? true }

    /// What `/readyz` says.
    @Sendable func readiness() async -> Readiness {
        guard let core else { return .notReady("starting") }
        return await core.readiness()
    }

    /// Reads the lists of authors and of services again. One that is wrong changes nothing.
    func reread() async {
        do throws(FailureReport) {
            if try configuration.policy.reload() { logger.notice("the lists of keys were read again") }
        } catch {
            logger.error("the lists of keys stay as they were", metadata: ["because": "\(error.message)"])
        }
        guard let network = configuration.network, let core else { return }
        do {
            let entry = try network.entry.reread()
            let ended = try await core.run { try $0.allow(entry) }
            logger.notice(
                "the allow-list was read again",
                metadata: [
                    "allowed": "\(entry.allowed.users.count)",
                    "connections": ended ? "ended, because a key was removed" : "kept",
                ])
        } catch let error as ZeroMQError where error.code == .loopClosed {
            return
        } catch {
            logger.error("the allow-list stays as it was", metadata: ["because": "\(error)"])
        }
    }

    /// On a thread of its own: an older store is brought up to date, which takes its time.
    private func openStore() async throws(StoreError) -> any Store {
        try await WorkQueue("receiver.opening").run { [configuration, logger] in
            var said = ContinuousClock.now
            return try configuration.store.open(channels: configuration.channels) { done, all in
                guard said.duration(to: .now) >= Limits.progressPause else { return }
                said = .now
                logger.notice("bringing the store up to date", metadata: ["messages": "\(done)", "of": "\(all)"])
            }
        }
    }

    private func household(_ store: any Store) async throws(StoreError) -> Household {
        let retention = configuration.retention
        let known = try await WorkQueue("receiver.opening").run { retention.hasAge ? try store.knownTimes() : nil }
        let clocks = ClockWatch(
            retention, newest: known.flatMap { $0.believed ?? $0.arrived }, now: clock(), logger: logger,
            monotonic: monotonic)
        return Household(
            receiver: id, store: store, retention: retention,
            admission: Admission(
                channels: KeptChannels(configuration.channels), refuses2011: configuration.refuses2011,
                policy: configuration.policy, rates: configuration.rates, standings: standings(store), clocks: clocks),
            counters: counters, logger: logger, clock: clock,
            announce: { [weak self] committed in self?.core?.post { $0.announce(committed) } },
            tell: { [weak self] rules in self?.core?.post { $0.announce(rules) } })
    }

    private func standings(_ store: any Store) -> Standings {
        let (queue, clock) = (WorkQueue("receiver.known"), clock)
        return Standings { keys throws(StoreError) in
            try await store.standings(of: keys, now: clock())
        } tell: { rule throws(StoreError) in
            _ = try await queue.run { try store.adopt([rule]) }
        }
    }

    private func start(_ household: Household, on loop: Loop) async throws -> LoopBound<ReceiverCore> {
        if let directory = endpoints.directory { SocketFiles.removeDead(in: directory, now: Timestamp.now / 1_000) }
        let hello = Hello(
            receiver: id, store: household.store.id, queryEndpoint: endpoints.query, feedEndpoint: endpoints.feed,
            channels: configuration.channels, credit: Limits.credit, version: Version.current,
            key: configuration.network.map { $0.entry.own.publicKey.description })
        var network = configuration.network
        // Opening the store may have taken minutes, and a list that was changed meanwhile counts.
        if let entry = try network?.entry.reread() { network?.entry = entry }
        let parts = ReceiverCore.Parts(
            bus: configuration.bus, network: network, members: configuration.members, endpoints: endpoints,
            hello: hello,
            epoch: .random(in: .min ... .max), position: try await household.store.position(),
            admission: household.admission, onChannels: household.adopt, board: household.board,
            store: household.store, counters: counters, logger: logger, clock: clock,
            answer: { request, query, deadline in
                BusMessage.answer(request, await household.answer(query, until: deadline)).frames()
            },
            control: { request, control in BusMessage.answer(request, await household.answer(control)).frames() })
        let core = try await loop.run { context in LoopBound(try ReceiverCore(parts, in: context), in: context) }
        running.withLock { $0 = core }
        return core
    }

    /// Pulses, reads the other stores and keeps house until graceful shutdown, or until the store cannot be used any
    /// longer: then why.
    private func serve(_ core: LoopBound<ReceiverCore>, _ household: Household) async -> StoreError? {
        let client = try? BusClient(bus: configuration.bus, keys: configuration.network?.keys, name: "replicator")
        var work: [@Sendable () async -> Void] = [
            { await self.pulse(core, household.store) }, household.keepTidy, household.takeEarly,
            household.letCopiesGo,
        ]
        if let client { work.append(Replicator(client: client, receiver: id, household: household).run) }
        let failure = await cancelWhenGracefulShutdown { [work] in
            await withTaskGroup(of: StoreError?.self) { group in
                for work in work {
                    group.addTask {
                        await work()
                        return nil
                    }
                }
                group.addTask { await household.store.failure() }
                for await failure in group where failure != nil {
                    group.cancelAll()
                    return failure
                }
                return nil
            }
        }
        await client?.close()
        return failure
    }

    /// The newest position is read anew each time: other receivers of the store move it. Whether there are descriptors is
    /// said once when it changes; what is open goes on working, as the store opens all its connections at its start.
    private func pulse(_ core: LoopBound<ReceiverCore>, _ store: any Store) async {
        var wereUsedUp = false
        while !Task.isCancelled {
            let areUsedUp = OpenFileLimit.isReached
            if areUsedUp, !wereUsedUp {
                logger.error(
                    "no file descriptors left, nobody new can connect: raise the limit (LimitNOFILE=, ulimit -n)")
            } else if wereUsedUp, !areUsedUp {
                logger.notice("there are file descriptors again")
            }
            wereUsedUp = areUsedUp
            if let position = try? await store.position(), let messages = try? await store.messages() {
                core.post { $0.pulse(position: position, messages: messages) }
            }
            try? await Task.sleep(for: .milliseconds(Liveness.beatMilliseconds))
        }
    }

    private func stop(_ core: LoopBound<ReceiverCore>) async {
        await withCheckedContinuation { continuation in
            let isPosted = core.post { $0.stop { continuation.resume() } }
            if !isPosted { continuation.resume() }
        }
    }
}
