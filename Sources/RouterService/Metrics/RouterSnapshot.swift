import Bus
import ServiceRuntime
import Telehash

/// What `/metrics` of the router shows, taken from its two threads at one time.
struct RouterSnapshot: Sendable {
    private let totals: [String: UInt64]
    private let gauges: [String: Int]
    private let stores: [StatusReport.Store]
    private let receipts: Histogram.Counts
    private let mesh: SwitchStatus

    init(bus: RouterBus, status: MeshStatus) {
        var totals = status.counters.merging(bus.counters) { $1 }
        // Not a total: redelivery takes them away again.
        let kept = totals.removeValue(forKey: "bus_dead_letters_kept") ?? 0
        self.totals = totals
        stores = bus.stores
        receipts = bus.receiptTimes
        mesh = status.mesh
        gauges = [
            "lines_proven": mesh.proven, "lines_ringing": mesh.ringing, "taps_ours": mesh.tapsOurs,
            "taps_theirs": mesh.tapsTheirs,
            "udp_bound": status.udp.unboundFor == nil ? 1 : 0, "answered": mesh.reachable > 0 ? 1 : 0,
            "switches": mesh.reachable, "open_publications": mesh.openPublications,
            "running_lookups": mesh.runningLookups, "windows_closed": mesh.windowsClosed,
            "signals_queued": mesh.signalsQueued, "dead_letters": Int(clamping: kept),
        ]
    }

    func write(to counters: Counters) {
        counters.replaceTotals(totals)
        // In gauges of their own names: `lines_proven` is also a total of the switch.
        for (name, value) in gauges { counters.set("now_" + name, to: UInt64(clamping: value)) }
        writeStores(to: counters)
        writeMesh(to: counters)
    }

    private func writeStores(to counters: Counters) {
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

    private func writeMesh(to counters: Counters) {
        counters.replace(
            MetricTable(
                "bucket_switches", .gauge, "Switches of the table by their distance: 159 is the far half of the mesh.",
                rows: mesh.buckets.map { ([MetricLabel("distance", "\($0.distance)")], UInt64(clamping: $0.switches)) })
        )
        func budgets(_ name: String, _ help: String, _ value: (SwitchStatus.Budget) -> Double) {
            let rows = mesh.budgets.map { ([MetricLabel("budget", $0.name)], UInt64(max(0, value($0)))) }
            counters.replace(MetricTable(name, .gauge, help, rows: rows))
        }
        budgets("budget_tokens", "What is left of a budget: at 0 something is held back.", \.tokens)
        budgets("budget_limit", "What is left of a budget at the most.", \.limit)
        func tables(_ name: String, _ help: String, _ value: (SwitchStatus.Table) -> Int) {
            let rows = mesh.tables.map { ([MetricLabel("table", $0.name)], UInt64(clamping: value($0))) }
            counters.replace(MetricTable(name, .gauge, help, rows: rows))
        }
        tables("table_entries", "How much of something is kept.", \.count)
        tables("table_limit", "How much of something may be kept.", \.limit)
        writeLookups(to: counters)
    }

    private func writeLookups(to counters: Counters) {
        let lookups = mesh.lookups
        let outcomes = [("answered", lookups.finished - lookups.unanswered), ("unanswered", lookups.unanswered)]
        counters.replace(
            MetricTable(
                "lookups_finished", .counter, "Lookups that are over: answered by some switch, or by none.",
                rows: outcomes.map { ([MetricLabel("outcome", $0.0)], $0.1) }))
        func histogram(_ name: String, _ unit: Histogram.Unit, _ values: Distribution, factor: UInt64 = 1) {
            let counts = Histogram.Counts(bounds: values.bounds, buckets: values.counts, sum: values.sum)
            counters.histogram(name, unit: unit, bounds: values.bounds.map { $0 * factor })
                .replace(with: counts, factor: factor)
        }
        histogram("lookup_seconds", .seconds, lookups.milliseconds, factor: 1_000_000)
        histogram("lookup_hops", .ones, lookups.hops)
        histogram("lookup_queries", .ones, lookups.queries)
    }
}
