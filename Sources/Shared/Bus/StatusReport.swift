/// What `p2pmsg status --json` prints: the router's state, with these keys on the wire and on standard output.
public struct StatusReport: Sendable, Hashable, Codable {
    public struct Router: Sendable, Hashable, Codable {
        /// SHA-1 of `address`, 40 hex digits; empty while the address is unknown.
        public var id: String
        /// The public `ip:port`; the bound one while the public one is unknown.
        public var address: String
        public var version: String
        public var uptimeSeconds: Int
        public var bus: String

        enum CodingKeys: String, CodingKey {
            case id, address, version, bus
            case uptimeSeconds = "uptime_s"
        }

        public init(id: String, address: String, version: String, uptimeSeconds: Int, bus: String) {
            self.id = id
            self.address = address
            self.version = version
            self.uptimeSeconds = uptimeSeconds
            self.bus = bus
        }
    }

    public struct Lines: Sendable, Hashable, Codable {
        public var proven: Int
        public var ringing: Int
        /// Proven lines whose peer must report before it gets more; absent from older routers.
        public var closed: Int?

        public init(proven: Int, ringing: Int, closed: Int? = nil) {
            self.proven = proven
            self.ringing = ringing
            self.closed = closed
        }
    }

    public struct Bucket: Sendable, Hashable, Codable {
        /// 0 (closest) … 159 (furthest).
        public var distance: Int
        public var switches: Int

        public init(distance: Int, switches: Int) {
            self.distance = distance
            self.switches = switches
        }
    }

    public struct Taps: Sendable, Hashable, Codable {
        /// Switches that hold a tap of ours.
        public var ours: Int
        /// Switches whose taps we hold.
        public var theirs: Int

        public init(ours: Int, theirs: Int) {
            self.ours = ours
            self.theirs = theirs
        }
    }

    public struct Store: Sendable, Hashable, Codable {
        public var store: String
        public var receivers: Int
        /// Messages that wait for this store, the leased ones included.
        public var waiting: Int
        /// Messages that it has committed (or had already) since the router started.
        public var acked: Int
        /// Messages in the store, by the last word of its receivers; absent while none has said so, and from older routers.
        public var messages: Int?

        public init(store: String, receivers: Int, waiting: Int, acked: Int, messages: Int? = nil) {
            self.store = store
            self.receivers = receivers
            self.waiting = waiting
            self.acked = acked
            self.messages = messages
        }
    }

    /// Something that an operator should look at while it lasts.
    public struct Notice: Sendable, Hashable, Codable {
        /// Whose receiver says it.
        public var store: String
        /// As in ``Bus/Notice``.
        public var code: String
        public var text: String

        public init(store: String, code: String, text: String) {
            self.store = store
            self.code = code
            self.text = text
        }
    }

    public var router: Router
    public var lines: Lines
    public var buckets: [Bucket]
    public var taps: Taps
    public var stores: [Store]
    public var counters: [String: UInt64]
    /// What the mesh does now; absent from older routers.
    public var mesh: Mesh?
    /// Whether the router's UDP socket is there; absent from older routers.
    public var udp: UDP?
    /// Telexes and bytes a second; absent from older routers, and in a router's first second.
    public var rates: Rates?
    /// What something is held to; absent from older routers.
    public var budgets: [Budget]?
    /// What is kept, and how much of it there may be; absent from older routers.
    public var tables: [Table]?
    /// Those of ``counters`` that count what was not taken or not done; absent from older routers.
    public var drops: [String: UInt64]?
    /// What receivers have to say; absent where nobody asked them, as in a router's own report.
    public var notices: [Notice]?

    public init(
        router: Router, lines: Lines, buckets: [Bucket], taps: Taps, stores: [Store], counters: [String: UInt64]
    ) {
        self.router = router
        self.lines = lines
        self.buckets = buckets
        self.taps = taps
        self.stores = stores
        self.counters = counters
    }
}
