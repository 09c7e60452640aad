/// What `p2pmsg status --json` prints: the router's state, with these keys on the wire and on standard output.
package struct StatusReport: Sendable, Hashable, Codable {
    package struct Router: Sendable, Hashable, Codable {
        /// SHA-1 of `address`, 40 hex digits; empty while the address is unknown.
        package var id: String
        /// The public `ip:port`; the bound one while the public one is unknown.
        package var address: String
        package var version: String
        package var uptimeSeconds: Int
        package var bus: String

        enum CodingKeys: String, CodingKey {
            case id, address, version, bus
            case uptimeSeconds = "uptime_s"
        }

        package init(id: String, address: String, version: String, uptimeSeconds: Int, bus: String) {
            self.id = id
            self.address = address
            self.version = version
            self.uptimeSeconds = uptimeSeconds
            self.bus = bus
        }
    }

    package struct Lines: Sendable, Hashable, Codable {
        package var proven: Int
        package var ringing: Int
        /// Proven lines whose peer must report before it gets more; absent from older routers.
        package var closed: Int?

        package init(proven: Int, ringing: Int, closed: Int? = nil) {
            self.proven = proven
            self.ringing = ringing
            self.closed = closed
        }
    }

    package struct Bucket: Sendable, Hashable, Codable {
        /// 0 (closest) … 159 (furthest).
        package var distance: Int
        package var switches: Int

        package init(distance: Int, switches: Int) {
            self.distance = distance
            self.switches = switches
        }
    }

    package struct Taps: Sendable, Hashable, Codable {
        /// Switches that hold a tap of ours.
        package var ours: Int
        /// Switches whose taps we hold.
        package var theirs: Int

        package init(ours: Int, theirs: Int) {
            self.ours = ours
            self.theirs = theirs
        }
    }

    package struct Store: Sendable, Hashable, Codable {
        package var store: String
        package var receivers: Int
        /// Messages that wait for this store, the leased ones included.
        package var waiting: Int
        /// Messages that it has committed (or had already) since the router started.
        package var acked: Int
        /// Messages in the store, by the last word of its receivers; absent while none has said so, and from older routers.
        package var messages: Int?

        package init(store: String, receivers: Int, waiting: Int, acked: Int, messages: Int? = nil) {
            self.store = store
            self.receivers = receivers
            self.waiting = waiting
            self.acked = acked
            self.messages = messages
        }
    }

    /// Something that an operator should look at while it lasts.
    package struct Notice: Sendable, Hashable, Codable {
        /// Whose receiver says it.
        package var store: String
        /// As in ``Bus/Notice``.
        package var code: String
        package var text: String

        package init(store: String, code: String, text: String) {
            self.store = store
            self.code = code
            self.text = text
        }
    }

    package var router: Router
    package var lines: Lines
    package var buckets: [Bucket]
    package var taps: Taps
    package var stores: [Store]
    package var counters: [String: UInt64]
    /// What the mesh does now; absent from older routers.
    package var mesh: Mesh?
    /// Whether the router's UDP socket is there; absent from older routers.
    package var udp: UDP?
    /// Telexes and bytes a second; absent from older routers, and in a router's first second.
    package var rates: Rates?
    /// What something is held to; absent from older routers.
    package var budgets: [Budget]?
    /// What is kept, and how much of it there may be; absent from older routers.
    package var tables: [Table]?
    /// Those of ``counters`` that count what was not taken or not done; absent from older routers.
    package var drops: [String: UInt64]?
    /// What receivers have to say; absent where nobody asked them, as in a router's own report.
    package var notices: [Notice]?

    package init(
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
