import Bus
import FoundationEssentials
import ServiceRuntime
import Telehash

/// What is known about a node beside the state of its switch.
typealias NodeDescription = (router: StatusReport.Router, rates: StatusReport.Rates?)

extension StatusReport {
    /// - Parameter bus: the counters of the bus side.
    init(_ node: NodeDescription, _ status: MeshStatus, bus: [String: UInt64], stores: [Store]) {
        let mesh = status.mesh
        self.init(
            router: node.router,
            lines: Lines(proven: mesh.proven, ringing: mesh.ringing, closed: mesh.windowsClosed),
            buckets: mesh.buckets.map { Bucket(distance: $0.distance, switches: $0.switches) },
            taps: Taps(ours: mesh.tapsOurs, theirs: mesh.tapsTheirs), stores: stores,
            counters: status.counters.merging(bus) { $1 })
        self.mesh = Mesh(mesh)
        udp = UDP(status.udp)
        rates = node.rates
        budgets = mesh.budgets.map {
            Budget(name: $0.name, left: Int($0.tokens), limit: Int($0.limit), perSecond: $0.perSecond)
        }
        tables = mesh.tables.map { Table(name: $0.name, count: $0.count, limit: $0.limit) }
        drops = counters.filter { MetricCatalogue.drops.contains($0.key) }
    }

    /// One line of JSON with sorted keys.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing in a report can fail to encode: texts, finite numbers and dictionaries with text keys.
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension SwitchStatus {
    /// Switches that are known to be there: those of the table, and those that only have a line; none while nobody answers.
    var reachable: Int { isDeaf ? 0 : max(switches, buckets.reduce(0) { $0 + $1.switches }) }
}

extension StatusReport.UDP {
    init(_ status: UDPStatus) {
        self.init(
            isBound: status.unboundFor == nil, unboundSeconds: status.unboundFor.map { Int($0.components.seconds) },
            why: status.why, silentSeconds: status.silence.map { Int($0.components.seconds) })
    }
}

extension StatusReport.Mesh {
    init(_ status: SwitchStatus) {
        let lookups = status.lookups
        func rounded(_ value: Double?) -> Double? { value.map { ($0 * 10).rounded() / 10 } }
        self.init(
            switches: status.reachable, queued: status.signalsQueued, lookups: lookups.finished,
            answered: lookups.finished - lookups.unanswered, meanMilliseconds: rounded(lookups.milliseconds.mean),
            meanHops: rounded(lookups.hops.mean), meanQuestions: rounded(lookups.queries.mean))
    }
}
