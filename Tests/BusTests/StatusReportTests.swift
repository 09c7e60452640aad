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
}
