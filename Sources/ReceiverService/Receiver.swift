import Bus
import BusClient
import BusSecurity
import Logging
import Messages
import Operations
import ReceiverStore
import ServiceLifecycle
import ServiceRuntime
import ZeroMQ

/// A receiver: verifies what the router delivers, stores it, acknowledges it after the commit, announces it, and answers
/// queries.
final class Receiver: Service {
    let store: any Store
    let hello: Hello
    let endpoints: Endpoints
    private let configuration: ReceiverConfiguration
    private let counters: Counters
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private let onStart: @Sendable () -> Void
    private let clocks: ClockWatch
    private let board = NoticeBoard()
    let life = ReceiverLife()
    private let trouble: ReadTrouble
    private let channels: KeptChannels

    /// Opens the store; touches nothing else.
    ///
    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - monotonic: a clock that only goes forward, also while the machine sleeps.
    ///   - onStart: called when it takes deliveries and queries.
    /// - Throws: ``StoreError``, `ZeroMQError` for addresses that cannot be.
    init(
        _ configuration: ReceiverConfiguration, counters: Counters, logger: Logger,
        clock: @escaping @Sendable () -> Int64 = { Timestamp.now },
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        onStart: @escaping @Sendable () -> Void = {}
    ) throws {
        var random = SystemRandomNumberGenerator()
        let receiver = ReceiverID(UniqueID(using: &random))
        // First the addresses: a bus that cannot be reached should not make a store.
        endpoints =
            try configuration.network.map { Endpoints($0.address) }
            ?? Endpoints(bus: configuration.bus, receiver: receiver)
        var said = ContinuousClock.now
        store = try configuration.store.open(channels: configuration.channels) { done, all in
            guard said.duration(to: .now) >= Limits.progressPause else { return }
            said = .now
            logger.notice("making the index for searches anew", metadata: ["messages": "\(done)", "of": "\(all)"])
        }
        hello = Hello(
            receiver: receiver, store: store.id, queryEndpoint: endpoints.query, feedEndpoint: endpoints.feed,
            channels: configuration.channels, credit: Limits.credit, version: Version.current,
            key: configuration.network.map { $0.entry.own.publicKey.description })
        self.configuration = configuration
        channels = KeptChannels(configuration.channels)
        self.counters = counters
        self.logger = logger
        trouble = ReadTrouble(logger: logger)
        let known = configuration.retention.hasAge ? try store.knownTimes() : nil
        clocks = ClockWatch(
            configuration.retention, newest: known.flatMap { $0.believed ?? $0.arrived }, now: clock(), logger: logger,
            monotonic: monotonic)
        self.clock = clock
        self.onStart = onStart
    }

    /// Runs until graceful shutdown, then ends within 5 s: commits and acknowledges what is verified, says goodbye, and
    /// closes the store.
    func run() async throws {
        defer { store.close() }
        let loop = try Loop(name: "receiver bus") { [logger] error in
            logger.error("a callback failed", metadata: ["error": "\(error)"])
        }
        do {
            let core = try await start(on: loop)
            logger.notice(
                "receiving",
                metadata: [
                    "store": "\(store.place)", "id": "\(store.id)", "receiver": "\(hello.receiver.id.short)",
                    "channels": "\(configuration.channels.map(\.name).joined(separator: ","))",
                ])
            onStart()
            let failure = await serve(core)
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

    /// Whether the bus's thread comes round. While there is none, something else is to blame.
    @Sendable func isAlive() async -> Bool { await life.core?.isAlive() ?? true }

    /// What `/readyz` says.
    @Sendable func readiness() async -> Readiness {
        guard let core = life.core else { return .notReady("starting") }
        return await core.readiness()
    }

    /// Reads the lists of authors and of services again. One that is wrong changes nothing.
    func reread() async {
        do throws(FailureReport) {
            if try configuration.policy.reload() { logger.notice("the lists of keys were read again") }
        } catch {
            logger.error("the lists of keys stay as they were", metadata: ["because": "\(error.message)"])
        }
        if configuration.network != nil { await rereadAllowed() }
    }

    private func rereadAllowed() async {
        guard let entry = life.entry ?? configuration.network?.entry, let core = life.core else { return }
        do {
            let reread = try entry.reread()
            guard let ended = try await core.allow(reread) else { return }
            life.entry = reread
            logger.notice(
                "the allow-list was read again",
                metadata: [
                    "allowed": "\(reread.allowed.users.count)",
                    "connections": ended ? "ended, because a key was removed" : "kept",
                ])
        } catch {
            logger.error("the allow-list stays as it was", metadata: ["because": "\(error)"])
        }
    }

    private func start(on loop: Loop) async throws -> CoreHandle {
        let controller = Controller(
            store: store, intake: sideIntake, queue: WorkQueue("receiver.controls"), logger: logger)
        if let directory = endpoints.directory { SocketFiles.removeDead(in: directory, now: Timestamp.now / 1_000) }
        let parts = ReceiverCore.Parts(
            bus: configuration.bus, network: configuration.network, endpoints: endpoints, hello: hello,
            epoch: .random(in: .min ... .max), position: try await store.position(), channels: channels,
            onChannels: { [weak self] in self?.take($0) },
            refuses2011: configuration.refuses2011, policy: configuration.policy, clocks: clocks, board: board,
            store: store, counters: counters, logger: logger, clock: clock,
            answer: { [store, board, trouble, counters] request, query in
                let answer = await store.answer(query).with(board.notices)
                // A message that is hidden is an answer, too.
                if case .refused(let refusal) = answer.body, refusal != .hidden { counters.add("queries_failed") }
                trouble.note(answer.body)
                return BusMessage.answer(request, answer).frames()
            },
            control: { [controller] request, control in
                BusMessage.answer(request, await controller.answer(control)).frames()
            })
        let core = try await CoreHandle.make(parts, on: loop)
        life.core = core
        return core
    }

    /// Pulses, reads the other stores and keeps house until graceful shutdown, or until the store cannot be used any
    /// longer.
    private func serve(_ core: CoreHandle) async -> StoreError? {
        let client = try? BusClient(bus: configuration.bus, keys: configuration.network?.keys, name: "replicator")
        let failure = await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: StoreError?.self) { group in
                group.addTask {
                    await self.pulse(core)
                    return nil
                }
                if let client {
                    group.addTask {
                        await self.replicator(client).run()
                        return nil
                    }
                }
                group.addTask {
                    await self.housekeeper.run()
                    return nil
                }
                group.addTask {
                    await self.earlyTaker.run()
                    return nil
                }
                group.addTask { await self.store.failure() }
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

    /// The newest position is read anew each time: other receivers of the store move it.
    private func pulse(_ core: CoreHandle) async {
        let descriptors = DescriptorWatch(logger: logger)
        while !Task.isCancelled {
            descriptors.look()
            if let position = try? await store.position(), let messages = try? await store.messages() {
                core.post { $0.pulse(position: position, messages: messages) }
            }
            try? await Task.sleep(for: .milliseconds(Liveness.beatMilliseconds))
        }
    }

    /// The router has told what this node takes. The names go into the store, beside the thread of the bus.
    private func take(_ all: [Channel]) {
        logger.notice(
            "taking the channels of this node", metadata: ["channels": "\(all.map(\.name).joined(separator: ","))"])
        Task { [store, channels, logger] in
            do {
                try await WorkQueue("receiver.channels").run { () throws(StoreError) in try store.name(all) }
                channels.advance()
            } catch {
                logger.error("the names of channels could not be kept", metadata: ["because": "\(error)"])
            }
        }
    }

    private func replicator(_ client: BusClient) -> Replicator {
        Replicator(
            client: client, intake: sideIntake, store: store, channels: channels, receiver: hello.receiver,
            counters: counters, logger: logger)
    }

    private var housekeeper: Housekeeper {
        Housekeeper(
            store: store, retention: configuration.retention, clocks: clocks, queue: WorkQueue("receiver.house"),
            counters: counters, logger: logger, clock: clock)
    }

    private var earlyTaker: EarlyTaker {
        EarlyTaker(
            store: store, intake: sideIntake, clocks: clocks, board: board, queue: WorkQueue("receiver.early"),
            counters: counters, logger: logger, clock: clock)
    }

    /// What it stores is announced like everything else.
    private var sideIntake: SideIntake {
        SideIntake(
            store: store, channels: channels, refuses2011: configuration.refuses2011,
            policy: configuration.policy, clocks: clocks, queue: WorkQueue("receiver.intake"), clock: clock,
            announce: { [life] committed in life.core?.post { $0.announce(committed) } })
    }

    private func stop(_ core: CoreHandle) async {
        await withCheckedContinuation { continuation in
            let isPosted = core.post { $0.stop { continuation.resume() } }
            if !isPosted { continuation.resume() }
        }
    }
}
