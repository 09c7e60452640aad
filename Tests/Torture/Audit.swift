import Bus
import BusClient
import Foundation
import Messages
import TestSupport

/// Compares what the writers were told with what is there.
struct Audit {
    let stage: Stage
    let receipts: [Receipt]
    var failures: [String] = []

    private let acknowledged: Set<String>

    init(stage: Stage, receipts: [Receipt]) {
        self.stage = stage
        self.receipts = receipts
        acknowledged = Set(receipts.lazy.filter { !$0.stored.isEmpty }.map(\.id.hex))
    }

    /// Waits until everybody is back, nothing is on its way, and both stores have the same.
    func awaitCalm() async throws {
        let client = try BusClient(bus: stage.site.bus, name: "audit")
        try await eventually("both stores with two receivers and equal contents", within: .seconds(60)) {
            let report = try await client.status()
            guard report.stores.count == stage.stores.count,
                report.stores.allSatisfy({ $0.receivers == 2 && $0.waiting == 0 })
            else { return false }
            var counts: Set<UInt64> = []
            for entry in try await client.directory().receivers {
                guard case .summary(let summary) = try await client.query(.summary, of: entry.store).body else {
                    return false
                }
                counts.insert(summary.messages)
            }
            return counts.count == 1
        }
        await client.close()
    }

    /// Reads the wall from the newest to the oldest message.
    mutating func readPages() async throws {
        var missing = acknowledged
        var seen = 0
        var path = "/api/messages?limit=200"
        while true {
            let page = try JSON(parsing: try await stage.http.get(path).body)
            for message in page["messages"].array ?? [] {
                seen += 1
                if let id = message["id"].string { missing.remove(id) }
            }
            guard let next = page["next"].string else { break }
            path = "/api/messages?limit=200&before=\(next)"
        }
        if !missing.isEmpty {
            failures.append("the pages show \(seen) messages and miss \(missing.count) acknowledged ones")
        }
        note("pages: \(seen) messages")
    }

    /// Reads the files of the stores, which nobody has open any more.
    mutating func readStores() async throws {
        for path in stage.stores {
            let name = (path as NSString).lastPathComponent
            let integrity = try await ask(path, "PRAGMA integrity_check")
            if integrity != ["ok"] { failures.append("\(name): integrity_check says \(integrity.prefix(3))") }
            guard let store = try await ask(path, "SELECT id FROM store").first else {
                failures.append("\(name) has no id")
                continue
            }
            let ids = try await ask(path, "SELECT lower(hex(id)) FROM messages")
            let unique = Set(ids)
            if unique.count != ids.count {
                failures.append("\(name): \(ids.count - unique.count) rows are there twice")
            }
            let lost = receipts.count { receipt in
                receipt.stored.contains { $0.description == store } && !unique.contains(receipt.id.hex)
            }
            if lost > 0 { failures.append("\(name): \(lost) acknowledged messages are not there") }
            note("\(name): \(ids.count) messages, integrity \(integrity.joined())")
        }
    }

    private func ask(_ path: String, _ statement: String) async throws -> [String] {
        let process = try TestProcess(
            "/usr/bin/sqlite3", ["-readonly", path, statement], environment: stage.site.environment)
        let exit = try await process.waitForExit(within: .seconds(120))
        _ = await process.standardOutput.first(within: .seconds(60)) { _ in false }
        guard exit == .status(0) else { throw NotInTime("sqlite3 \(path): \(process.transcript)") }
        return process.standardOutput.all
    }
}
