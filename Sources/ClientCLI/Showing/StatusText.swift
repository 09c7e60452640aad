import Bus
import Foundation
import ServiceRuntime

/// A status report for people and for programs.
enum StatusText {
    /// One line, keys sorted, exactly those of the report.
    static func json(_ report: StatusReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    static func lines(_ report: StatusReport) -> String {
        let router = report.router
        var rows: [(String, String)] = [
            ("router", router.address.isEmpty ? "address not known yet" : router.address),
            ("id", router.id.isEmpty ? "not known yet" : router.id),
            ("version", router.version),
            ("up", DurationText.describe(.seconds(max(0, router.uptimeSeconds)))),
            ("bus", router.bus),
            ("lines", "\(report.lines.proven) proven, \(report.lines.ringing) ringing"),
            ("taps", "\(report.taps.ours) ours, \(report.taps.theirs) theirs"),
        ]
        for bucket in report.buckets where bucket.switches > 0 {
            rows.append(("bucket \(bucket.distance)", "\(bucket.switches)"))
        }
        if report.stores.isEmpty { rows.append(("store", "none: messages are only relayed")) }
        for store in report.stores {
            let receivers = "\(store.receivers) \(store.receivers == 1 ? "receiver" : "receivers")"
            rows.append(
                ("store", "\(store.store)  \(receivers), \(store.waiting) waiting, \(store.acked) stored"))
        }
        if let dead = report.counters["bus_dead_letters_kept"], dead > 0 {
            rows.append(("dead", "\(dead) messages that no receiver could take; see p2pmsg dead"))
        }
        for (name, value) in report.counters.sorted(by: { $0.key < $1.key }) where value > 0 {
            rows.append((name, "\(value)"))
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            SafeText.line(name) + String(repeating: " ", count: width - name.count + 2) + SafeText.line(value) + "\n"
        }.joined()
    }
}
