import MeshSimulator
import ServiceRuntime
import TelehashWire

/// What a simulation measured, for programs and for people.
enum SimulationText {
    static func json(_ report: MeshReport) -> String {
        var line = JSONWriter(.terminal)
        line.member("nodes", report.nodes)
        line.member("seed", report.seed)
        line.member("trace_hash", trace(of: report))
        line.member("lookups", report.lookups)
        line.member("lookup_success", number: report.lookupSuccess)
        line.member("mean_hops", number: report.meanHops)
        line.member("max_hops", report.maxHops)
        line.member("queries_mean", number: report.queriesMean)
        line.member("found_closest", number: report.foundClosest)
        line.member("published", report.published)
        line.member("delivered_ratio", number: report.deliveredRatio)
        line.member("duplicates_mean", number: report.duplicatesMean)
        line.member("latency_ms_p50", number: report.latencyMedian)
        line.member("latency_ms_p99", number: report.latencyTail)
        line.member("telexes_per_node_minute", number: report.telexesPerNodeMinute)
        line.member("bytes_per_node_second", number: report.bytesPerNodeSecond)
        line.member("max_amplification", number: report.maxAmplification)
        line.member("simulated_seconds", number: report.simulatedSeconds)
        line.member("wall_seconds", number: report.wallSeconds)
        line.member("maintenance_per_node_minute", number: report.maintenancePerNodeMinute)
        line.member("recovery_seconds", number: report.recoverySeconds)
        line.member("max_copies_sent", report.maxCopiesSent)
        line.member("events", report.events)
        line.member("violations", report.violations)
        return line.object
    }

    static func lines(_ report: MeshReport) -> String {
        var rows: [(String, String)] = [
            ("mesh", "\(counted(report.nodes, "node")), seed \(report.seed), trace \(trace(of: report))"),
            ("lookups", "\(report.lookups), \(percent(report.lookupSuccess)) found the nearest switch"),
            (
                "",
                "\(counted(number(report.meanHops), "hop")) (at most \(report.maxHops)), "
                    + counted(number(report.queriesMean), "query", "queries")
            ),
            ("", "\(percent(report.foundClosest)) of the 8 nearest were found"),
            ("", "999 of 1000 succeed from second \(number(report.recoverySeconds)) on"),
            ("messages", "\(report.published) published, \(percent(report.deliveredRatio)) of the deliveries made"),
            (
                "",
                "\(number(report.latencyMedian)) ms (median), "
                    + "\(number(report.latencyTail)) ms (99 of 100 are faster)"
            ),
            (
                "",
                "\(counted(number(report.duplicatesMean), "copy", "copies")) too many each; "
                    + "one switch sent \(report.maxCopiesSent) of one message at most"
            ),
            ("traffic", "\(counted(number(report.telexesPerNodeMinute), "telex", "telexes")) a minute and node"),
            ("", "\(number(report.maintenancePerNodeMinute)) of them when nobody wants anything"),
            ("", "\(counted(number(report.bytesPerNodeSecond), "byte")) a second and node"),
            ("strangers", "got \(number(report.maxAmplification)) times the bytes in their name at most"),
            (
                "time",
                "\(number(report.simulatedSeconds)) s simulated in \(number(report.wallSeconds)) s, "
                    + counted(report.events, "event")
            ),
        ]
        rows += report.violations.map { ("WRONG", SafeText.line($0)) }
        return rows.map { name, text in
            name + String(repeating: " ", count: max(1, 11 - name.count)) + text + "\n"
        }.joined()
    }

    private static func trace(of report: MeshReport) -> String {
        let digits = String(report.traceHash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func percent(_ ratio: Double?) -> String {
        ratio.map { "\(decimal($0 * 100, digits: 2)) %" } ?? "none"
    }

    private static func number(_ value: Double?) -> String {
        value.map { decimal($0, digits: $0.magnitude < 100 ? 2 : 0) } ?? "-"
    }

    private static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "-" }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int64((value * scale).rounded())
        guard digits > 0 else { return "\(scaled)" }
        let fraction = String(scaled.magnitude % UInt64(scale))
        let zeros = String(repeating: "0", count: digits - fraction.utf8.count)
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / UInt64(scale)).\(zeros)\(fraction)"
    }
}
