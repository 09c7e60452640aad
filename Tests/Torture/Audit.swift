import Bus
import BusClient
import Foundation
import Messages
import TestSupport

/// Compares what the writers were told with what is there.
struct Audit {
    let stage: Stage
    let receipts: [Receipt]
    private(set) var failures: [String] = []

    private let acknowledged: Set<String>

    init(stage: Stage, receipts: [Receipt]) {
        self.stage = stage
        self.receipts = receipts
        acknowledged = Set(receipts.lazy.filter { !$0.stored.isEmpty }.map(\.id.hex))
    }

    /// Everything: waits for calm, reads pages and stores, and ends the node.
    static func run(
        on stage: Stage, _ ledger: Ledger, calmWithin limit: Duration = .seconds(60), into findings: inout Findings
    ) async throws {
        var audit = Audit(stage: stage, receipts: ledger.receipts)
        try await audit.awaitCalm(within: limit)
        if stage.cast.renderers > 0 { try await audit.readPages() }
        try await stage.close()
        try await audit.readStores()
        for failure in audit.failures + ledger.failures { findings.fail(failure) }
        findings.record(
            "receipts that are not true", "\(audit.failures.count) kinds of \(ledger.receipts.count)", goal: "0",
            holds: audit.failures.isEmpty)
    }

    /// Waits until everybody is back, nothing is on its way, and all stores have the same.
    func awaitCalm(within limit: Duration = .seconds(60)) async throws {
        let client = try BusClient(bus: stage.site.bus, name: "audit")
        let expected = stage.cast.receivers.sorted()
        try await eventually("all stores with their receivers and equal contents", within: limit) {
            try stage.checkThatAllLive()
            let report = try await client.status()
            let stores = report.stores.map { "\($0.store): \($0.receivers) receivers, \($0.waiting) waiting" }
            guard report.stores.map(\.receivers).sorted() == expected, report.stores.allSatisfy({ $0.waiting == 0 })
            else { throw NotInTime("\(stores)") }
            var counts: [StoreID: UInt64] = [:]
            for entry in try await client.directory().receivers {
                let answer = try await client.query(.summary, of: entry.store)
                guard case .summary(let summary) = answer.body else { throw NotInTime("no summary of \(entry.store)") }
                counts[entry.store] = summary.messages
            }
            guard Set(counts.values).count == 1 else { throw NotInTime("\(counts)") }
            return true
        }
        await client.close()
    }

    /// Reads the wall from the newest to the oldest message.
    mutating func readPages() async throws {
        let seen = try await Wall.messages(of: stage.http)
        let missing = acknowledged.subtracting(seen)
        if !missing.isEmpty {
            failures.append("the pages show \(seen.count) messages and miss \(missing.count) acknowledged ones")
        }
        note("pages: \(seen.count) messages")
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

/// The wall as its API shows it.
enum Wall {
    /// The ids of the messages from the newest on, page by page, down to the first page that `isEnough` is content with.
    static func messages(
        of http: HTTPClient, isEnough: (Set<String>) -> Bool = { _ in false }
    ) async throws -> Set<String> {
        var seen: Set<String> = []
        var path = "/api/messages?limit=200"
        while true {
            let page = try JSON(parsing: try await http.get(path).body)
            let ids = Set((page["messages"].array ?? []).compactMap { $0["id"].string })
            seen.formUnion(ids)
            guard let next = page["next"].string, !isEnough(ids) else { return seen }
            path = "/api/messages?limit=200&before=\(next)"
        }
    }
}
