import Bus
import ServiceRuntime
import Telehash

/// What `/metrics` of the router shows, taken from its two threads at one time.
struct RouterSnapshot: Sendable {
    private let totals: [String: UInt64]
    private let gauges: [String: Int]
    private let stores: [StatusReport.Store]
    private let receipts: Histogram.Counts

    init(bus: RouterBus, status: MeshStatus) {
        var totals = status.counters.merging(bus.counters) { $1 }
        // Not a total: redelivery takes them away again.
        let kept = totals.removeValue(forKey: "bus_dead_letters_kept") ?? 0
        self.totals = totals
        stores = bus.stores
        receipts = bus.receiptTimes
        let mesh = status.mesh
        gauges = [
            "lines_proven": mesh.proven, "lines_ringing": mesh.ringing, "taps_ours": mesh.tapsOurs,
            "taps_theirs": mesh.tapsTheirs, "switches": mesh.switches, "open_publications": mesh.openPublications,
            "running_lookups": mesh.runningLookups, "dead_letters": Int(clamping: kept),
        ]
    }

    func write(to counters: Counters) {
        counters.replaceTotals(totals)
        // In gauges of their own names: `lines_proven` is also a total of the switch.
        for (name, value) in gauges { counters.set("now_" + name, to: UInt64(clamping: value)) }
        func table(_ name: String, _ kind: MetricTable.Kind, _ help: String, _ value: (StatusReport.Store) -> Int) {
            let rows = stores.map { ([MetricLabel("store", $0.store)], UInt64(clamping: value($0))) }
            counters.replace(MetricTable(name, kind, help, rows: rows))
        }
        table("store_waiting_messages", .gauge, "Messages that a store has not acknowledged yet.") { $0.waiting }
        table("store_acked_messages", .counter, "Messages that a store has committed or had already.") { $0.acked }
        table("store_receivers", .gauge, "Receivers of a store that are connected.") { $0.receivers }
        counters.histogram("receipt_seconds", bounds: RouterLimits.receiptBounds.map { $0 * 1_000_000 })
            .replace(with: receipts, factor: 1_000_000)
    }
}

extension MetricCatalogue {
    /// The names of the switch's counters and of ``HubCounters``.
    static let router: MetricCatalogue = {
        var catalogue = MetricCatalogue()
        catalogue.addTraffic()
        catalogue.addRefusals()
        catalogue.addBus()
        catalogue.addNow()
        return catalogue
    }()

    private mutating func addTraffic() {
        add("telexes_received", "Datagrams that came from the mesh.")
        add("telexes_sent", "Datagrams sent to the mesh.")
        add("bytes_received", as: "received_bytes", "Bytes of datagrams that came from the mesh.")
        add("bytes_sent", as: "sent_bytes", "Bytes of datagrams sent to the mesh.")
        add("udp_socket_errors", "Datagrams that the system could not send or receive.")
        add(
            family: "lines_ended", by: "reason",
            ["lines_restarted": "restarted", "lines_purged": "purged", "lines_evicted": "evicted"],
            "Lines to other switches that ended, by reason.")
        add("lines_proven", as: "lines_opened", "Lines whose other side has proven its address.")
        add("lines_locked_out", "Lines whose other side sent so many wrong line numbers that nothing of it counts.")
        add(
            family: "signals", by: "event",
            [
                "signals_received": "received", "signals_relayed": "relayed", "signals_delivered": "delivered",
                "signals_repeated": "repeated", "signals_adopted": "adopted", "signals_queued": "queued",
            ], "Signals from the mesh, by what became of them.")
        add(
            family: "hand_overs", by: "event",
            [
                "hand_overs": "begun", "hand_overs_taken": "taken", "hand_overs_repeated": "repeated",
                "hand_overs_lost": "lost",
            ], "Publications given to single switches, by what became of them.")
    }

    private mutating func addRefusals() {
        var dropped = [
            "line_wrong", "line_unexpected", "line_stale", "line_missing", "line_locked_out", "ring_wrong",
            "ring_changed", "from_self", "echo", "line_rate", "window_overrun",
        ]
        dropped += TelexError.allCases.map(\.rawValue)
        add(
            family: "telexes_dropped", by: "reason", Dictionary(uniqueKeysWithValues: dropped.map { ($0, $0) }),
            "Datagrams from the mesh that were dropped whole, by reason.")
        let refused = [
            "commands_locked_out", "commands_unproven", "tap_rules_ignored", "request_rate", "stranger_signal_rate",
            "stranger_factor", "end_malformed", "table_full", "dial_queue_full", "dial_forbidden", "dial_rate",
            "dial_host_rate", "lookup_queue_full", "adoption_rate", "hops_used_up", "relay_too_long", "queue_full",
            "window_closed", "pop_refused", "publications_overflow",
        ]
        add(
            family: "mesh_refusals", by: "reason", Dictionary(uniqueKeysWithValues: refused.map { ($0, $0) }),
            "What the switch was asked to do, or wanted to do, and did not, by reason.")
    }

    private mutating func addBus() {
        add("bus_published", as: "published_messages", "Messages from clients on the bus.")
        add(
            family: "mesh_messages", by: "event",
            [
                "bus_from_mesh": "received", "bus_duplicates_from_mesh": "repeated",
                "bus_malformed_from_mesh": "malformed", "bus_without_store": "without_store",
            ], "Messages from the mesh; all of them are received, some are also of another kind.")
        add("bus_delivered", as: "deliveries", "Messages given to receivers, repeated ones included.")
        add("bus_redelivered", as: "redeliveries", "Messages that had to be given to a receiver once more.")
        add(
            family: "settled_messages", by: "outcome",
            [
                "bus_stored": "stored", "bus_duplicates": "duplicate", "bus_refused": "refused",
                "bus_failed": "failed",
            ], "Deliveries that receivers have answered, by outcome.")
        add("bus_dead_letters", as: "dead_letters", "Messages that no delivery could place.")
        add(
            family: "bus_connections_refused", by: "reason",
            [
                "bus_handshakes_failed": "handshake", "bus_keys_refused": "key", "bus_accepts_failed": "descriptors",
            ], "Connections to the bus that were not let in, by reason.")
        add("bus_listening_pauses", "Times that the bus took no connections because descriptors ran out.")
        add("bus_timed_out", as: "receipts_timed_out", "Clients that were told in time that not enough has happened.")
        add(
            family: "bus_drops", by: "reason",
            [
                "bus_late_acks": "late_ack", "bus_queue_full": "queue_full", "bus_busy": "busy",
                "bus_congested": "congested", "bus_malformed_frames": "malformed",
                "bus_unexpected_messages": "unexpected", "bus_not_allowed": "not_allowed",
            ], "What the bus side did not take or could not send, by reason.")
    }

    private mutating func addNow() {
        add(
            family: "lines", by: "state", ["now_lines_proven": "proven", "now_lines_ringing": "ringing"],
            "Lines to other switches now.")
        add(
            family: "taps", by: "whose", ["now_taps_ours": "ours", "now_taps_theirs": "theirs"],
            "Taps now: ends that this node listens to, and switches that listen here.")
        add("now_switches", as: "switches", "Switches with a proven line that take part in the DHT.")
        add("now_dead_letters", as: "dead_letters_kept", "Messages that no delivery could place and that are kept.")
        add("now_open_publications", as: "open_publications", "Publications that are under way in the mesh.")
        add("now_running_lookups", as: "running_lookups", "Lookups that run in the mesh.")
        add("receipt_seconds", "Time from a client's message to its receipt or refusal.")
    }
}
