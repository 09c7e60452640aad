import Bus
import BusClient
import Logging
import Messages
import ServiceLifecycle
import ServiceRuntime
import ZeroMQ

/// A receiver: verifies what the router delivers, stores it, acknowledges it after the commit, announces it, and answers
/// queries.
final class Receiver: Service {
    let store: SQLiteStore
    let hello: Hello
    let endpoints: Endpoints
    private let configuration: ReceiverConfiguration
    private let counters: Counters
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private let onStart: @Sendable () -> Void
    let life = ReceiverLife()

    /// Opens the store; touches nothing else.
    ///
    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - onStart: called when it takes deliveries and queries.
    /// - Throws: ``StoreError``, `ZeroMQError` for addresses that cannot be.
    init(
        _ configuration: ReceiverConfiguration, counters: Counters, logger: Logger,
        clock: @escaping @Sendable () -> Int64 = { Timestamp.now }, onStart: @escaping @Sendable () -> Void = {}
    ) throws {
        var random = SystemRandomNumberGenerator()
        let receiver = ReceiverID(UniqueID(using: &random))
        // First the addresses: a bus that cannot be reached should not make a store.
        endpoints = try Endpoints(bus: configuration.bus, receiver: receiver)
        store = try SQLiteStore.open(path: configuration.store, channels: configuration.channels) {
            var random = SystemRandomNumberGenerator()
            return StoreID(UniqueID(using: &random))
        }
        hello = Hello(
            receiver: receiver, store: store.id, queryEndpoint: endpoints.query, feedEndpoint: endpoints.feed,
            channels: configuration.channels, credit: Limits.credit, version: Version.current)
        self.configuration = configuration
        self.counters = counters
        self.logger = logger
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
                    "store": "\(store.path)", "id": "\(store.id)", "receiver": "\(hello.receiver.id.short)",
                    "channels": "\(configuration.channels.map(\.name).joined(separator: ","))",
                ])
            onStart()
            await serve(core)
            await stop(core)
        } catch {
            await loop.shutdown()
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

    private func start(on loop: Loop) async throws -> CoreHandle {
        SocketFiles.removeDead(in: endpoints.directory, now: Timestamp.now / 1_000)
        let parts = ReceiverCore.Parts(
            bus: configuration.bus, endpoints: endpoints, hello: hello, epoch: .random(in: .min ... .max),
            position: try store.position(), refuses2011: configuration.refuses2011, store: store, counters: counters,
            logger: logger, clock: clock,
            answer: { [store] request, query in
                BusMessage.answer(request, await store.answer(query)).frames()
            })
        let core = try await CoreHandle.make(parts, on: loop)
        life.core = core
        return core
    }

    /// Pulses and reads the other stores until graceful shutdown.
    private func serve(_ core: CoreHandle) async {
        let client = try? BusClient(bus: configuration.bus, name: "replicator")
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                group.addTask { await self.pulse(core) }
                if let client { group.addTask { await self.replicator(client, core).run() } }
            }
        }
        await client?.close()
    }

    /// The newest position is read anew each time: other receivers of the store move it.
    private func pulse(_ core: CoreHandle) async {
        while !Task.isCancelled {
            if let position = try? store.position() { core.post { $0.pulse(position: position) } }
            try? await Task.sleep(for: .milliseconds(Liveness.beatMilliseconds))
        }
    }

    private func replicator(_ client: BusClient, _ core: CoreHandle) -> Replicator {
        let intake = ReplicaIntake(
            store: store, channels: configuration.channels, refuses2011: configuration.refuses2011, clock: clock,
            announce: { committed in core.post { $0.announce(committed) } })
        return Replicator(
            client: client, intake: intake, store: store, receiver: hello.receiver, counters: counters, logger: logger)
    }

    private func stop(_ core: CoreHandle) async {
        await withCheckedContinuation { continuation in
            let isPosted = core.post { $0.stop { continuation.resume() } }
            if !isPosted { continuation.resume() }
        }
    }
}
