import Dispatch
import Glibc
import Messages
import ReceiverStore
import ServiceRuntime
import Synchronization
import TelehashWire

/// Takes every intact message out of a store, whatever happened to it.
///
/// No tree, list or count of the file is believed: each page is searched for rows wherever they may begin, and a row
/// counts when its message reads, has the id that the row gives, and its signature holds. So a message comes out as long as
/// its own bytes are whole. Rows that were deleted and not yet written over come out too.
///
/// Memory does not grow with the file but for 16 bytes of each message's id, so that each comes once.
struct Salvage {
    /// What was found.
    struct Summary: Equatable {
        var messages = 0
        /// Rows that looked like a message and whose message is not whole.
        var brokenRows = 0
        var pages = 0
        /// Pages of the file whose seal is broken; the first ones by number.
        var damagedPages = 0
        var firstDamaged: [UInt32] = []
        /// Whether the pages have seals at all.
        var isSealed = false

        func sentence(path: String) -> String {
            var parts = ["\(counted(messages, "intact message")) in \(counted(pages, "page")) of \(path)"]
            if brokenRows > 0 { parts.append("\(counted(brokenRows, "row is", "rows are")) not whole") }
            if damagedPages > 0 {
                let named = firstDamaged.map(String.init).joined(separator: ", ")
                let more = damagedPages > firstDamaged.count ? " …" : ""
                parts.append("damaged pages: \(damagedPages) (\(named)\(more))")
            }
            return parts.joined(separator: "; ")
        }
    }

    private struct Candidate: Sendable {
        let receivedAt: Int64
        let encoded: [UInt8]
        let id: [UInt8]
    }

    private let source: PageSource
    private let output: (StoredMessage) -> Bool
    private var summary = Summary()
    private var names: [NodeID: String] = [Channel.tweets.end: Channel.tweets.name]
    private var seen: Set<ShortID> = []
    private var batch: [Candidate] = []

    /// - Parameters:
    ///   - path: the store's file; its write-ahead log is read where there is one.
    ///   - output: gets each message; false stops the work.
    /// - Throws: ``StoreError`` where the file cannot be read.
    static func run(path: String, output: (StoredMessage) -> Bool) throws(StoreError) -> Summary {
        try withoutActuallyEscaping(output) { output throws(StoreError) in
            var salvage = Salvage(source: try PageSource(path: path), output: output)
            try salvage.run()
            guard salvage.isStore else { throw .notADatabase(path) }
            if !salvage.summary.isSealed { salvage.summary.damagedPages = 0 }
            return salvage.summary
        }
    }

    private init(source: PageSource, output: @escaping (StoredMessage) -> Bool) {
        self.source = source
        self.output = output
    }

    /// Whether anything says that the file is, or was, a store.
    private var isStore: Bool {
        source.isDatabase || summary.isSealed || summary.messages > 0 || summary.brokenRows > 0
    }

    private mutating func run() throws(StoreError) {
        do {
            // First the names, which the messages only refer to.
            try source.each(inLog: false) { number, page in
                judge(number, page)
                readNames(page)
            }
            try source.each(inLog: true) { _, page in readNames(page) }
            for inLog in [false, true] { try source.each(inLog: inLog) { _, page in try readMessages(page) } }
            try flush()
        } catch {
            guard error.code != .stopped else { return }
            throw error
        }
    }

    private mutating func judge(_ number: UInt32, _ page: UnsafeRawBufferPointer) {
        summary.pages += 1
        switch PageSeal.verdict(of: page, number: number) {
        case .intact: summary.isSealed = true
        case .unsealed: break
        case .damaged:
            summary.damagedPages += 1
            if summary.firstDamaged.count < Limits.namedPages { summary.firstDamaged.append(number) }
        }
    }

    private mutating func readNames(_ page: UnsafeRawBufferPointer) {
        let span = page.assumingMemoryBound(to: UInt8.self).span
        for start in span.indices {
            // A name is believed when its end is that of the row.
            guard case .channel(let end, let name)? = StoreRecord.read(span, at: start),
                let channel = try? Channel(name), channel.end.blob.elementsEqual(end)
            else { continue }
            names[channel.end] = name
        }
    }

    private mutating func readMessages(_ page: UnsafeRawBufferPointer) throws(StoreError) {
        let span = page.assumingMemoryBound(to: UInt8.self).span
        for start in span.indices {
            if case .message(let receivedAt, let encoded, let id)? = StoreRecord.read(span, at: start),
                !seen.contains(ShortID(id))
            {
                batch.append(Candidate(receivedAt: receivedAt, encoded: encoded, id: id))
            }
        }
        if batch.count >= Limits.salvageBatch { try flush() }
    }

    /// Checks what was gathered on all cores, and gives out what is whole, in its order.
    private mutating func flush() throws(StoreError) {
        let candidates = batch
        batch = []
        let share = max(1, (candidates.count + Self.cores - 1) / Self.cores)
        let parts = Mutex<[Int: [StoredMessage?]]>([:])
        DispatchQueue.concurrentPerform(iterations: Self.cores) { [names] part in
            let checked = candidates.dropFirst(part * share).prefix(share).map { Self.check($0, names) }
            parts.withLock { $0[part] = checked }
        }
        let checked = parts.withLock { parts in (0..<Self.cores).flatMap { parts[$0] ?? [] } }
        for message in checked {
            guard let message else {
                summary.brokenRows += 1
                continue
            }
            guard seen.insert(ShortID(message.message.id.bytes)).inserted else { continue }
            guard output(message) else { throw StoreError(.stopped, "nobody reads any more") }
            summary.messages += 1
        }
    }

    private static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    private static func check(_ candidate: Candidate, _ names: [NodeID: String]) -> StoredMessage? {
        guard let message = try? SignedMessage(encoded: candidate.encoded), message.id.bytes == candidate.id,
            message.isSignatureValid()
        else { return nil }
        return StoredMessage(message: message, receivedAt: candidate.receivedAt, channel: names[message.end])
    }
}

/// Half of an id: enough that nobody can make two messages that share it.
private struct ShortID: Hashable {
    private let high: UInt64
    private let low: UInt64

    /// - Parameter id: 32 bytes.
    init(_ id: [UInt8]) {
        func word(_ range: Range<Int>) -> UInt64 { id[range].reduce(0) { $0 << 8 | UInt64($1) } }
        high = id.count >= 16 ? word(0..<8) : 0
        low = id.count >= 16 ? word(8..<16) : 0
    }
}
