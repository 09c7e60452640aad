import Logging
import Messages
import ServiceRuntime

/// The parts of the service, put together around a wall.
struct Renderer {
    let site: Site
    let hub: Hub
    let counters: Counters
    private let logger: Logger

    /// - Parameters:
    ///   - keys: the directory of the node's key.
    ///   - visitorRate: messages that each visitor may write; nil: as many as they like.
    ///   - now: milliseconds since 1970.
    init(
        wall: any Wall, keys: String, base: BasePath = .root, trusted: [Network] = [],
        posting: PostPolicy = .node, visitorRate: Rate? = Limits.visitorRate, imprint: Imprint = Imprint(),
        logger: Logger = Logger(label: "renderer"), now: @escaping @Sendable () -> Int64 = { Timestamp.now }
    ) {
        self.logger = logger
        counters = Counters(service: "renderer", catalogue: .renderer)
        let pages = Pages(base: base, posting: posting, imprint: imprint)
        hub = Hub(wall: wall, fragments: pages.fragments, counters: counters)
        site = Site(
            wall: wall, hub: hub, pen: Pen(store: KeyStore(directory: keys), logger: logger), pages: pages,
            proxies: Proxies(trusted: trusted, logger: logger), posting: posting,
            limits: VisitorLimits(visitorRate), counters: counters,
            requests: RequestTimes(counters), changes: Changes(since: now() / 1000), now: now)
    }

    /// - Parameter onStart: called when it listens.
    func face(at address: ListenAddress, onStart: @escaping @Sendable () -> Void = {}) -> HTTPFace {
        HTTPFace(address: address, site: site, logger: logger, onStart: onStart)
    }
}
