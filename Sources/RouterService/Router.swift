import Bus
import BusSecurity
import Logging
import Messages
import Operations
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
    private let finder: SeedFinder
    private let ipv6: Bool
    private let life: RouterLife

    /// Binds the UDP socket and the bus; from then on the router works.
    ///
    /// - Parameter resolver: looks the names of seeds up; the router does not wait for it.
    /// - Throws: an error that names the address at fault.
    static func start(
        _ options: RouterOptions, logger: Logger, resolver: @escaping SeedFinder.Resolver = SeedBook.Answer.ofSystem
    ) async throws -> Router {
        let keys = try options.security.serverKeys()
        let keeper = StateKeeper(path: options.stateFile, logger: logger)
        let known = keeper.known(ipv6: options.usesIPv6)
        let book = try SeedBook(options.seed, ipv6: options.usesIPv6, now: .now)
        let finder = SeedFinder(book, resolver: resolver) { notes in for note in notes { logger.say(note) } }
        let view = NetworkView.current(ipv6: options.usesIPv6)
        let counters = Counters(service: "router", catalogue: .router)
        let loop = try Loop(name: "bus") { error in
            logger.error("the bus could not handle an event", metadata: ["error": "\(error)"])
        }
        let link = BusLink(loop: loop)
        try Paths().prepare(bus: options.bus)
        let mesh = try MeshSocket.open(
            options.udp, seeds: finder.addresses, known: known,
            remembered: keeper.remembered(ipv6: options.usesIPv6), advertised: options.advertise,
            networks: view.networks
        ) { events in
            link.post { $0.apply(events) }
        }
        let router = Router(
            mesh: mesh, loop: loop, link: link, logger: logger, counters: counters,
            memory: RouterMemory(hasOthers: !options.seed.isEmpty || !known.isEmpty), keeper: keeper,
            stores: StoreMemory(besides: options.stateFile, logger: logger), seeds: options.seed, finder: finder,
            ipv6: options.usesIPv6, life: RouterLife(view))
        router.lookForSeeds(isAlone: true)
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
                "udp": "\(mesh.bound)", "bus": "\(options.bus)", "seeds": "\(options.seed.count)",
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

    /// Why the mesh can't be reached although everything turns.
    @Sendable func trouble() async -> String? { await mesh.status()?.udp.complaint }

    /// Brings the numbers that `/metrics` shows up to date.
    func refreshCounters() async {
        guard let snapshot = await ask({ RouterSnapshot(bus: $0, status: $1) }) else { return }
        snapshot.write(to: counters)
    }

    /// Notices what has changed in the mesh and below it, and saves the switches that are known when it is time.
    func look() async {
        lookAtNetwork()
        guard let status = await mesh.status() else { return }
        for note in memory.note(status) { logger.say(note, seeds: seeds, udp: mesh.bound) }
        lookForSeeds(isAlone: status.mesh.reachable == 0)
        if keeper.isDue(uptime: memory.uptime, progress: StateKeeper.Progress(status.counters)) { await saveSwitches() }
    }

    /// A link that came or went, another address, a machine that slept: the switch begins to look around.
    private func lookAtNetwork() {
        let hasSlept = life.hasSlept(seconds: SleepWatch.seconds)
        let change = life.network(uptime: memory.uptime, slept: hasSlept) { NetworkView.current(ipv6: ipv6) }
        if let networks = change?.networks {
            finder.hurry()
            mesh.apply { $0.networkChanged(networks, now: $1, using: &$2, into: &$3) }
        } else if hasSlept {
            finder.hurry()
            mesh.apply { $0.wake(now: $1, using: &$2, into: &$3) }
        }
    }

    private func lookForSeeds(isAlone: Bool) {
        finder.look(isAlone: isAlone) { [mesh] addresses in
            mesh.apply {
                $0.replaceSeeds(
                    addresses.endpoints, awaitsMore: addresses.awaitsMore, now: $1, using: &$2, into: &$3)
            }
        }
    }

    /// Saves the switches that are known, when they are others than before.
    func saveSwitches() async {
        let (contacts, lines) = await mesh.acquaintances(limit: RouterLimits.savedSwitches)
        await keeper.save(contacts, lines: lines, uptime: memory.uptime)
    }

    private func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (RouterBus, MeshStatus) -> Answer
    ) async -> Answer? {
        guard let status = await mesh.status() else { return nil }
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
        let fallback = mesh.bound.description
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
    private struct State {
        var keys: BusGuard?
        var view: NetworkView
        var nextLook = Duration.zero
        var sleep = SleepWatch()
    }

    private let state: Mutex<State>

    init(_ view: NetworkView) {
        state = Mutex(State(view: view))
    }

    var keys: BusGuard? {
        get { state.withLock { $0.keys } }
        set { state.withLock { $0.keys = newValue } }
    }

    func hasSlept(seconds: Int64) -> Bool { state.withLock { $0.sleep.look(seconds: seconds) } }

    /// What the network is like now, if it is time to look and it is not as it was.
    func network(uptime: Duration, slept: Bool, look: () -> NetworkView) -> NetworkView? {
        let isDue = state.withLock { state in
            guard slept || state.nextLook <= uptime else { return false }
            state.nextLook = uptime + RouterLimits.networkLook
            return true
        }
        guard isDue else { return nil }
        let view = look()
        return state.withLock { state in
            defer { state.view = view }
            return state.view == view ? nil : view
        }
    }
}

extension RouterOptions {
    var security: BusSettings { BusSettings(bus: bus, serviceKey: serviceKey, allow: allow, keys: keys) }
}
