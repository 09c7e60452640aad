import Bus
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

/// Gives messages to every store; a receiver that ends meanwhile costs a moment, as another try is harmless.
struct Importer {
    let client: BusClient
    let stores: [StoreID]
    let timeout: Duration

    func store(_ messages: [StoredMessage], into totals: inout ImportTotals) async throws {
        guard !messages.isEmpty else { return }
        for store in stores {
            let counts = try await counts(of: messages, in: store)
            totals.counts[store]?.add(counts)
        }
    }

    private func counts(of messages: [StoredMessage], in store: StoreID) async throws -> ImportCounts {
        let answer = try await patiently { try await client.control(.store(messages), of: store, timeout: timeout) }
        guard case .imported(let counts) = answer.body else {
            _ = try Answers.done(answer)
            throw FailureReport("the receiver answered another question")
        }
        return counts
    }

    private func patiently(_ body: () async throws -> Answer) async throws -> Answer {
        let end = ContinuousClock.now + timeout
        while true {
            do {
                return try await body()
            } catch let error as BusError where error.code == .noReceiver && ContinuousClock.now < end {
                try await Task.sleep(for: Limits.importRetry)
            }
        }
    }
}

/// What an import has done.
struct ImportTotals {
    var counts: [StoreID: ImportCounts]
    /// Lines that are no messages.
    var unreadable = 0

    init(stores: [StoreID]) {
        counts = Dictionary(uniqueKeysWithValues: stores.map { ($0, ImportCounts()) })
    }

    /// Counts lines that are no messages.
    ///
    /// - Returns: those to name.
    mutating func noting(_ lines: [(line: Int, text: String)]) -> ArraySlice<(line: Int, text: String)> {
        defer { unreadable += lines.count }
        return lines.prefix(max(0, Limits.importProblems - unreadable))
    }

    /// How many were not named; nil for none.
    var unnamed: String? {
        let rest = unreadable - Limits.importProblems
        return rest > 0 ? "and \(counted(rest, "more line")) that could not be read" : nil
    }

    var hasRefusals: Bool { unreadable > 0 || counts.values.contains { !$0.refused.isEmpty } }

    /// One object a store, with the keys `store, stored, duplicates, refused, unreadable`; `refused` has the number of
    /// each reason.
    var json: String {
        ordered.map { store, counts in
            var line = JSONWriter(.terminal)
            line.member("store", store.description)
            line.member("stored", Int64(counts.stored))
            line.member("duplicates", Int64(counts.duplicates))
            line.member("refused", counts.refused.mapValues { Int64($0) })
            line.member("unreadable", Int64(unreadable))
            return line.object + "\n"
        }.joined()
    }

    var text: String {
        ordered.map { store, counts in
            let refused = counts.refused.sorted { $0.key < $1.key }.map { ", \($0.value) refused (\($0.key))" }
            return "\(store)  \(counts.stored) stored, \(counts.duplicates) there already\(refused.joined())\n"
        }.joined() + (unreadable > 0 ? "\(counted(unreadable, "line")) unreadable or not a valid message\n" : "")
    }

    private var ordered: [(StoreID, ImportCounts)] {
        counts.sorted { $0.key.description < $1.key.description }.map { ($0.key, $0.value) }
    }
}

extension ImportCounts {
    mutating func add(_ other: ImportCounts) {
        stored &+= other.stored
        duplicates &+= other.duplicates
        refused.merge(other.refused) { $0 &+ $1 }
    }
}
