import Bus
import BusSecurity
import Logging
import Messages
import NIOCore
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import Telehash
import ZeroMQ

/// The router: the switch on its UDP socket, the hub on the bus, and the links between their two threads.
struct Router: Service {
    private let mesh: MeshSocket
    let loop: Loop
    let link: BusLink
    private let logger: Logger
    let counters: Counters
    private let memory: RouterMemory
    private let keeper: StateKeeper
    private let stores: StoreMemory
    private let seeds: [SeedAddress]
    private let life = RouterLife()

    /// Binds the UDP socket and the bus; from then on the router works.
    ///
    /// - Throws: an error that names the address at fault.
    static func start(_ options: RouterOptions, logger: Logger) async throws -> Router {
        let keys = try options.security.serverKeys()
        let keeper = StateKeeper(path: options.stateFile, logger: logger)
        let known = keeper.known(ipv6: options.usesIPv6)
        let seeds = try SeedAddress.resolve(
            options.seed, ipv6: options.usesIPv6, known: !known.isEmpty, logger: logger)
        let counters = Counters(service: "router", catalogue: .router)
        let loop = try Loop(name: "bus") { error in
            logger.error("the bus could not handle an event", metadata: ["error": "\(error)"])
        }
        let link = BusLink(loop: loop)
        try Paths().prepare(bus: options.bus)
        let mesh = try await MeshSocket.open(
            options.udp, seeds: seeds, known: known, remembered: keeper.remembered(ipv6: options.usesIPv6),
            advertised: options.advertise
        ) { events in
            link.post { $0.apply(events) }
        }
        let router = Router(
            mesh: mesh, loop: loop, link: link, logger: logger, counters: counters,
            memory: RouterMemory(hasOthers: !seeds.isEmpty || !known.isEmpty), keeper: keeper,
            stores: StoreMemory(besides: options.stateFile, logger: logger), seeds: options.seed)
        do {
            try await router.bindBus(options.bus, keys, channels: options.channels.map(\.channel))
        } catch {
            await router.stop()
            throw error
        }
        if let keys { logger.notice("the bus takes keys", metadata: Router.metadata(keys)) }
        logger.notice(
            "routing",
            metadata: [
                "udp": "\(mesh.bound.listenText)", "bus": "\(options.bus)", "seeds": "\(seeds.count)",
                "known": "\(known.count)",
            ])
        return router
    }

    func run() async throws {
        try? await gracefulShutdown()
        await stop()
    }

    /// Ready means: messages that come in now are kept.
    @Sendable func readiness() async -> Readiness {
        await link.ask { $0.readiness } ?? .notReady("the bus does not answer")
    }

    /// Alive means: the thread of the switch and that of the bus have come round.
    @Sendable func isAlive() async -> Bool {
        await mesh.turn()
        return await link.ask { _ in true } ?? false
    }

    /// Brings the numbers that `/metrics` shows up to date.
    func refreshCounters() async {
        guard let snapshot = await ask({ RouterSnapshot(bus: $0, status: $1) }) else { return }
        snapshot.write(to: counters)
    }

    /// Notices what has changed in the mesh, and saves the switches that are known when it is time.
    func look() async {
        let status = await status()
        for note in memory.note(status) { logger.say(note, seeds: seeds) }
        if keeper.isDue(uptime: memory.uptime, progress: StateKeeper.Progress(status.counters)) { await saveSwitches() }
    }

    /// Saves the switches that are known, when they are others than before.
    func saveSwitches() async {
        let (contacts, lines) = await mesh.acquaintances(limit: RouterLimits.savedSwitches)
        await keeper.save(contacts, lines: lines, uptime: memory.uptime)
    }

    private func status() async -> MeshStatus {
        await withCheckedContinuation { continuation in
            mesh.status { continuation.resume(returning: $0) }
        }
    }

    private func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (RouterBus, MeshStatus) -> Answer
    ) async -> Answer? {
        let status = await status()
        return await link.ask { body($0, status) }
    }

    /// Reads the allow-list again. One that is wrong changes nothing.
    func rereadAllowed() async {
        guard let keys = life.keys else { return }
        do {
            let reread = try keys.reread()
            guard let ended = try await link.ask({ bus in Result { try bus.allow(reread) } })?.get() else { return }
            life.keys = reread
            var metadata = Router.metadata(reread)
            metadata["connections"] = ended ? "ended, because a key was removed" : "kept"
            logger.notice("the allow-list was read again", metadata: metadata)
        } catch {
            logger.error("the allow-list stays as it was", metadata: ["because": "\(error)"])
        }
    }

    private static func metadata(_ keys: BusGuard) -> Logger.Metadata {
        ["key": "\(keys.own.publicKey)", "allowed": "\(keys.allowed.users.count)"]
    }

    private func bindBus(_ endpoint: String, _ keys: BusGuard?, channels: [Messages.Channel]) async throws {
        life.keys = keys
        let fallback = mesh.bound.listenText
        let describe: @Sendable (MeshStatus) -> NodeDescription = { [memory] status in
            let router = StatusReport.Router(
                id: status.mesh.id?.hex ?? "", address: status.mesh.address?.description ?? fallback,
                version: Version.current, uptimeSeconds: Int(memory.uptime.components.seconds), bus: endpoint)
            return NodeDescription(router: router, rates: memory.rates)
        }
        let bus = try await loop.run { [mesh, link, stores, logger] context in
            LoopBound(
                try RouterBus(
                    endpoint: endpoint, keys: keys, channels: channels, memory: stores,
                    mesh: MeshPort(mesh: mesh, link: link, describe: describe), logger: logger, in: context),
                in: context)
        }
        link.connect(bus)
    }

    private func stop() async {
        link.disconnect()
        await loop.shutdown()
        await mesh.close()
        await stores.flush()
    }
}

/// What of a running router changes.
private final class RouterLife: Sendable {
    private let state = Mutex<BusGuard?>(nil)

    var keys: BusGuard? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

extension RouterOptions {
    var security: BusSettings { BusSettings(bus: bus, serviceKey: serviceKey, allow: allow, keys: keys) }
}

extension SocketAddress {
    /// `ip:port`, IPv6 in brackets.
    var listenText: String {
        Endpoint(self)?.description ?? "\(self)"
    }
}
