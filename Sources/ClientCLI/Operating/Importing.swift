import Bus
import BusClient
import Glibc
import Messages
import ServiceRuntime
import TelehashWire

/// Messages from JSON lines, a batch at a time, in memory that does not depend on the input.
final class MessageLines {
    struct Batch {
        var messages: [StoredMessage] = []
        var unreadable: [(line: Int, text: String)] = []
    }

    private let descriptor: Int32
    private var reader = TextReader(limit: Limits.textBytes)
    private var lines: ArraySlice<LineSplitter.Line> = []
    private var number = 0
    private var isAtEnd = false

    /// - Parameter file: a path, or `-` for standard input.
    /// - Throws: a report that names the file.
    init(_ file: String) throws(FailureReport) {
        descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FailureReport("cannot read \(file): \(describe(errno: errno))") }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next messages, as many as fit one request, with the lines between them that are none; nil at the end.
    func next() async throws -> Batch? {
        var batch = Batch()
        var bytes = 0
        while batch.messages.count < BusLimits.importRows, bytes < BusLimits.importBytes - Limits.messageBytes,
            batch.unreadable.count < BusLimits.importRows, let line = try await nextLine()
        {
            number += 1
            switch line {
            case .tooLong(let length): batch.unreadable.append((number, "\(length) bytes; a message has fewer"))
            case .bytes where line.isBlank: continue
            case .bytes(let text):
                do throws(MessageError) {
                    let stored = try StoredMessage(json: text, now: Timestamp.now)
                    bytes += stored.message.encodedByteCount + Limits.messageOverhead
                    batch.messages.append(stored)
                } catch {
                    batch.unreadable.append((number, error.message))
                }
            }
        }
        return batch.messages.isEmpty && batch.unreadable.isEmpty ? nil : batch
    }

    private func nextLine() async throws -> LineSplitter.Line? {
        while lines.isEmpty {
            guard !isAtEnd else { return nil }
            let chunk = try await StandardInput.chunk(of: descriptor)
            isAtEnd = chunk.isEmpty
            lines = (isAtEnd ? reader.finish() : reader.feed(chunk))[...]
        }
        return lines.removeFirst()
    }
}

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
        return try answer.value(\.imported)
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
            line.member("stored", counts.stored)
            line.member("duplicates", counts.duplicates)
            line.member("refused", counts.refused)
            line.member("unreadable", unreadable)
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
