import Bus
import Foundation
import Testing

@Suite struct StatusReportTests {
    /// The names are the contract of `p2pmsg status --json`.
    @Test func keys_areThoseOfTheContract() throws {
        let report = StatusReport(
            router: .init(id: "ab", address: "1.2.3.4:5", version: "0.1.0", uptimeSeconds: 7, bus: "ipc:///x"),
            lines: .init(proven: 1, ringing: 2), buckets: [.init(distance: 159, switches: 3)],
            taps: .init(ours: 4, theirs: 5), stores: [.init(store: "s", receivers: 1, waiting: 2, acked: 3)],
            counters: ["telexes_received": 9])
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        func keys(_ value: Any?) -> Set<String> { Set((value as? [String: Any])?.keys.map { $0 } ?? []) }
        #expect(keys(object) == ["router", "lines", "buckets", "taps", "stores", "counters"])
        #expect(keys(object["router"]) == ["id", "address", "version", "uptime_s", "bus"])
        #expect(keys(object["lines"]) == ["proven", "ringing"])
        #expect(keys((object["buckets"] as? [Any])?.first) == ["distance", "switches"])
        #expect(keys(object["taps"]) == ["ours", "theirs"])
        #expect(keys((object["stores"] as? [Any])?.first) == ["store", "receivers", "waiting", "acked"])
        #expect(try JSONDecoder().decode(StatusReport.self, from: data) == report)
    }

    /// What came later is beside the keys of the contract, which stay as they are.
    @Test func newKeys_areAdded() throws {
        var report = StatusReport(
            router: .init(id: "", address: "1.2.3.4:5", version: "0.1.0", uptimeSeconds: 7, bus: "ipc:///x"),
            lines: .init(proven: 1, ringing: 2, closed: 1), buckets: [], taps: .init(ours: 4, theirs: 5), stores: [],
            counters: [:])
        report.mesh = .init(
            switches: 1, queued: 2, lookups: 3, answered: 3, meanMilliseconds: 1.5, meanHops: 2, meanQuestions: 4)
        report.rates = .init(seconds: 10, telexesIn: 1, telexesOut: 2, bytesIn: 3, bytesOut: 4)
        report.budgets = [.init(name: "dials", left: 1, limit: 20, perSecond: 10)]
        report.tables = [.init(name: "proven_lines", count: 1, limit: 9)]
        report.drops = ["line_wrong": 1]
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        func keys(_ value: Any?) -> Set<String> { Set((value as? [String: Any])?.keys.map { $0 } ?? []) }
        #expect(keys(object).isSuperset(of: ["router", "lines", "buckets", "taps", "stores", "counters"]))
        #expect(keys(object["lines"]) == ["proven", "ringing", "closed"])
        #expect(
            keys(object["mesh"]) == [
                "switches", "queued", "lookups", "answered", "mean_ms", "mean_hops", "mean_questions",
            ])
        #expect(keys(object["rates"]) == ["seconds", "telexes_in", "telexes_out", "bytes_in", "bytes_out"])
        #expect(keys((object["budgets"] as? [Any])?.first) == ["name", "left", "limit", "per_second"])
        #expect(keys((object["tables"] as? [Any])?.first) == ["name", "count", "limit"])
        #expect(try JSONDecoder().decode(StatusReport.self, from: data) == report)
    }
}
