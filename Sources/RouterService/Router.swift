import Bus
import BusSecurity
import Logging
import Messages
import Operations
import ServiceLifecycle
import ServiceRuntime
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
    private let finder: SeedFinder
    private let options: RouterOptions

    /// Binds the UDP socket and the bus; from then on the router works.
    ///
    /// - Throws: an error that names the address at fault.
    static func start(_ options: RouterOptions, logger: Logger) async throws -> Router {
        let keys = try options.security.serverKeys()
        let members = try options.security.members()
        let keeper = StateKeeper(path: options.stateFile, logger: logger)
        let known = keeper.known(ipv6: options.udp.isIPv6)
        let book = try SeedBook(options.seed, ipv6: options.udp.isIPv6, now: .now)
        let finder = SeedFinder(book, resolver: SeedBook.Answer.ofSystem) { logger.say($0) }
        let view = NetworkView.current(ipv6: options.udp.isIPv6)
        let counters = Counters(service: "router", catalogue: .router)
        let loop = try Loop(name: "bus") { error in
            logger.error("the bus could not handle an event", metadata: ["error": "\(error)"])
        }
        let link = BusLink(loop: loop)
        try Paths().prepare(bus: options.bus, group: members?.group)
        let mesh = try MeshSocket(
            options.udp, seeds: finder.addresses, known: known,
            remembered: keeper.remembered(ipv6: options.udp.isIPv6), advertised: options.advertise,
            networks: view.networks
        ) { events in
            link.post { $0.apply(events) }
        }
        let router = Router(
            mesh: mesh, loop: loop, link: link, logger: logger, counters: counters,
            memory: RouterMemory(hasOthers: !options.seed.isEmpty || !known.isEmpty, keys: keys, view: view),
            keeper: keeper, stores: StoreMemory(besides: options.stateFile, logger: logger), finder: finder,
            options: options)
        router.lookForSeeds(isAlone: true)
        do {
            try await router.bindBus(keys, members)
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

    /// Looks at itself once a second until it is asked to stop.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(1))) != nil { await look() }
        }
        await saveSwitches()
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

    /// Counts rates, brings `/metrics` up to date, says what an operator must know, and saves the switches that are known
    /// when it is time.
    private func look() async {
        lookAtNetwork()
        guard let status = await mesh.status() else { return }
        if options.ops != nil { await link.ask { [counters] bus in counters.show(bus, status) } }
        for note in memory.note(status) { logger.say(note, seeds: options.seed, udp: mesh.bound) }
        lookForSeeds(isAlone: status.mesh.reachable == 0)
        if keeper.isDue(uptime: memory.uptime, progress: StateKeeper.Progress(status.counters)) { await saveSwitches() }
    }

    /// A link that came or went, another address, a machine that slept: the switch begins to look around.
    private func lookAtNetwork() {
        let hasSlept = memory.hasSlept()
        let change = memory.network(hasSlept: hasSlept) { NetworkView.current(ipv6: options.udp.isIPv6) }
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
    private func saveSwitches() async {
        let (contacts, lines) = await mesh.acquaintances(limit: RouterLimits.savedSwitches)
        await keeper.save(contacts, lines: lines, uptime: memory.uptime)
    }

    /// Reads the allow-list again. One that is wrong changes nothing.
    func rereadAllowed() async {
        guard let keys = memory.keys else { return }
        do {
            let reread = try keys.reread()
            guard let ended = try await link.ask({ bus in Result { try bus.allow(reread) } })?.get() else { return }
            memory.keys = reread
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

    private func bindBus(_ keys: BusGuard?, _ members: BusMembers?) async throws {
        let bus = try await loop.run { context in
            LoopBound(
                try RouterBus(
                    endpoint: options.bus, keys: keys, members: members, channels: options.channels.map(\.channel),
                    memory: stores, mesh: MeshPort(mesh: mesh, link: link, describe: describe), logger: logger,
                    in: context),
                in: context)
        }
        link.connect(bus)
    }

    @Sendable private func describe(_ status: MeshStatus) -> NodeDescription {
        let router = StatusReport.Router(
            id: status.mesh.id?.hex ?? "", address: status.mesh.address?.description ?? mesh.bound.description,
            version: Version.current, uptimeSeconds: Int(memory.uptime.components.seconds), bus: options.bus)
        return (router, memory.rates)
    }

    private func stop() async {
        link.disconnect()
        await loop.shutdown()
        await mesh.close()
        await stores.flush()
    }
}
