import BusSecurity
import Logging
import Messages
import Operations
import ServiceLifecycle
import ServiceRuntime

@main
struct Main {
    static func main() async {
        MemoryTuning.apply()
        OpenFileLimit.raise()
        let options = ServiceMain.parse(
            RendererOptions.command, settings: RendererOptions.settings,
            using: { try RendererOptions.parse($0) },
            explain: { (RendererOptions.fullMessage(for: $0), RendererOptions.exitCode(for: $0).rawValue) })
        let logger = Log.bootstrap(service: "renderer", level: options.logLevel, format: options.logFormat)
        await ServiceMain.run(RendererOptions.command, logger: logger) { try services(options, logger: logger) }
    }

    private static func services(_ options: RendererOptions, logger: Logger) throws -> [any Service] {
        let wall = try BusWall(bus: options.security.bus, keys: options.security.clientKeys())
        let renderer = Renderer(
            wall: wall, keys: options.keys ?? KeyStore.standardDirectory(environment: Environment.current),
            base: options.basePath, trusted: options.trustedProxies, names: options.publicNames,
            posting: options.post, visitorRate: options.visitorRate.rate, imprint: try options.imprint(), logger: logger
        )
        let start = StartGate()
        let face = renderer.face(at: options.http, onStart: start.open)
        let health = ServiceHealth(
            start: start,
            isAlive: {
                guard await face.isAlive() else { return false }
                return await wall.isAlive()
            },
            isReady: { await wall.missing().map(Readiness.notReady) ?? .ready })
        return health.around(
            [wall, face, renderer.hub], ops: options.ops, counters: renderer.counters, logger: logger)
    }
}

/// The parts of the service, put together around a wall.
struct Renderer {
    let site: Site
    let hub: Hub
    let counters: Counters
    private let logger: Logger

    /// - Parameters:
    ///   - keys: the directory of the node's key.
    ///   - names: what the wall is called outside; posts under other names are refused.
    ///   - visitorRate: messages that each visitor may write; nil: as many as they like.
    ///   - now: milliseconds since 1970.
    init(
        wall: any Wall, keys: String, base: BasePath = .root, trusted: [Network] = [],
        names: [PublicName] = [], posting: PostPolicy = .node, visitorRate: Rate? = Limits.visitorRate,
        imprint: Imprint = Imprint(),
        logger: Logger = Logger(label: "renderer"), now: @escaping @Sendable () -> Int64 = { Timestamp.now }
    ) {
        self.logger = logger
        counters = Counters(service: "renderer", catalogue: .renderer)
        let pages = Pages(base: base, posting: posting, imprint: imprint)
        hub = Hub(wall: wall, fragments: pages.fragments, counters: counters)
        site = Site(
            wall: wall, hub: hub, pen: Pen(store: KeyStore(directory: keys), logger: logger), pages: pages,
            proxies: Proxies(trusted: trusted, logger: logger), names: PublicNames(names), posting: posting,
            limits: VisitorLimits(visitorRate), counters: counters,
            changes: Changes(since: now() / 1000), logger: logger, now: now)
    }

    func face(at address: ListenAddress, onStart: @escaping @Sendable () -> Void = {}) -> HTTPFace {
        HTTPFace(
            address: address, site: site, connections: Connections(openFiles: OpenFileLimit.current), logger: logger,
            onStart: onStart)
    }
}
