import Bus
import ServiceRuntime
import Telehash

extension Counters {
    /// Shows in `/metrics` what the router's two threads count. To be called on the bus's thread.
    func show(_ bus: RouterBus, _ status: MeshStatus) {
        let mesh = status.mesh
        var totals = status.counters.merging(bus.counters) { $1 }
        // Not a total: redelivery takes them away again.
        let kept = totals.removeValue(forKey: "bus_dead_letters_kept") ?? 0
        replaceTotals(totals)
        let gauges = [
            MetricTable(
                "lines", "Lines to other switches now.", by: "state",
                [("proven", mesh.proven), ("ringing", mesh.ringing)]),
            MetricTable(
                "taps", "Taps now: ends that this node listens to, and switches that listen here.", by: "whose",
                [("ours", mesh.tapsOurs), ("theirs", mesh.tapsTheirs)]),
            MetricTable(
                "switches", "Switches that take part in the DHT and are known to be there.", mesh.reachable),
            MetricTable(
                "udp_bound", "1 while the UDP socket is there, 0 while it is lost.",
                status.udp.unboundFor == nil ? 1 : 0),
            MetricTable(
                "mesh_answers", "1 while other nodes answer, 0 while none does.", mesh.reachable > 0 ? 1 : 0),
            MetricTable("dead_letters_kept", "Messages that no delivery could place and that are kept.", kept),
            MetricTable("open_publications", "Publications that are under way in the mesh.", mesh.openPublications),
            MetricTable("running_lookups", "Lookups that run in the mesh.", mesh.runningLookups),
            MetricTable(
                "windows_closed", "Lines whose other side has to report before it gets more.", mesh.windowsClosed),
            MetricTable("signals_waiting", "Signals that wait for the window of their line.", mesh.signalsQueued),
        ]
        for table in gauges + bus.hub.storeReports().metrics + mesh.metrics { replace(table) }
        func show(_ name: String, _ unit: Histogram.Unit, _ values: Distribution) {
            histogram(name, unit: unit, bounds: values.bounds).replace(counts: values.counts, sum: values.sum)
        }
        show("receipt_seconds", .milliseconds, bus.hub.receiptTimes)
        show("lookup_seconds", .milliseconds, mesh.lookups.milliseconds)
        show("lookup_hops", .ones, mesh.lookups.hops)
        show("lookup_queries", .ones, mesh.lookups.queries)
    }
}

extension [StatusReport.Store] {
    fileprivate var metrics: [MetricTable] {
        [
            MetricTable(
                "store_waiting_messages", "Messages that a store has not acknowledged yet.", by: "store",
                map { ($0.store, $0.waiting) }),
            MetricTable(
                "store_acked_messages", "Messages that a store has committed or had already.", .counter, by: "store",
                map { ($0.store, $0.acked) }),
            MetricTable(
                "store_receivers", "Receivers of a store that are connected.", by: "store",
                map { ($0.store, $0.receivers) }),
        ]
    }
}

extension SwitchStatus {
    fileprivate var metrics: [MetricTable] {
        [
            MetricTable(
                "bucket_switches", "Switches of the table by their distance: 159 is the far half of the mesh.",
                by: "distance", buckets.map { ("\($0.distance)", $0.switches) }),
            MetricTable(
                "budget_tokens", "What is left of a budget: at 0 something is held back.", by: "budget",
                budgets.map { ($0.name, Int($0.tokens)) }),
            MetricTable(
                "budget_limit", "What is left of a budget at the most.", by: "budget",
                budgets.map { ($0.name, Int($0.limit)) }),
            MetricTable(
                "table_entries", "How much of something is kept.", by: "table", tables.map { ($0.name, $0.count) }),
            MetricTable(
                "table_limit", "How much of something may be kept.", by: "table", tables.map { ($0.name, $0.limit) }),
            MetricTable(
                "lookups_finished", "Lookups that are over: answered by some switch, or by none.", .counter,
                by: "outcome",
                [("answered", lookups.finished - lookups.unanswered), ("unanswered", lookups.unanswered)]),
        ]
    }
}
