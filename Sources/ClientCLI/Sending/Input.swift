import Dispatch
import Glibc
import Messages
import ServiceRuntime

/// Reads standard input without holding a thread of the tasks.
struct StandardInput: Sendable {
    private static let queue = DispatchQueue(label: "p2pmsg.input")

    /// The next bytes; empty at the end.
    static func chunk() async throws(FailureReport) -> [UInt8] { try await chunk(of: STDIN_FILENO) }

    /// The next bytes of any open file; empty at the end.
    static func chunk(of descriptor: Int32) async throws(FailureReport) -> [UInt8] {
        let result: Result<[UInt8], FailureReport> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: read(descriptor)) }
        }
        return try result.get()
    }

    /// Everything, or only the length if it is more than `limit` bytes.
    static func all(limit: Int) async throws(FailureReport) -> LineSplitter.Line {
        var bytes: [UInt8] = []
        var length = 0
        while true {
            let chunk = try await chunk()
            if chunk.isEmpty { return length <= limit ? .bytes(bytes) : .tooLong(bytes: length) }
            length += chunk.count
            bytes += chunk.prefix(max(0, limit - bytes.count))
        }
    }

    /// Everything; for keys and messages as JSON.
    static func document(_ what: String) async throws(FailureReport) -> [UInt8] {
        guard case .bytes(let bytes) = try await all(limit: Limits.documentBytes) else {
            throw FailureReport("\(what) on standard input is longer than \(Limits.documentBytes) bytes")
        }
        return TextDecoder.utf8(bytes)
    }

    private static func read(_ descriptor: Int32) -> Result<[UInt8], FailureReport> {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: Limits.inputChunkBytes) { space, filled in
                count = Glibc.read(descriptor, space.baseAddress, space.count)
                filled = max(0, count)
            }
            if count >= 0 { return .success(bytes) }
            guard errno == EINTR else {
                return .failure(FailureReport("cannot read the input: \(describe(errno: errno))"))
            }
        }
    }
}

enum FileText {
    /// As UTF-8, whatever editor wrote it.
    ///
    /// - Throws: a report that names the file.
    static func bytes(of path: String) throws(FailureReport) -> [UInt8] {
        do throws(FileError) {
            return TextDecoder.utf8(try readFile(path, limit: Limits.documentBytes))
        } catch {
            throw FailureReport("cannot read \(path): \(error)")
        }
    }
}

/// The lines of a stream that any editor or system may have written, in memory that does not depend on it.
struct TextReader {
    private var decoder = TextDecoder()
    private var splitter: LineSplitter

    /// - Parameter limit: bytes of a line that is kept.
    init(limit: Int) { splitter = LineSplitter(limit: limit) }

    /// The lines that are complete with this chunk.
    mutating func feed(_ chunk: [UInt8]) -> [LineSplitter.Line] { splitter.feed(decoder.feed(chunk)) }

    /// The lines that only the end completes.
    mutating func finish() -> [LineSplitter.Line] {
        splitter.feed(decoder.finish()) + (splitter.finish().map { [$0] } ?? [])
    }
}

extension LineSplitter.Line {
    /// Whether there is nothing to be seen on it.
    var isBlank: Bool {
        guard case .bytes(let bytes) = self, let text = String(validating: bytes, as: UTF8.self) else { return false }
        return TextRules.isBlank(text)
    }
}

/// Cuts a stream of bytes into lines, in memory that does not depend on the stream.
struct LineSplitter {
    enum Line: Hashable {
        case bytes([UInt8])
        /// Only its length is known.
        case tooLong(bytes: Int)
    }

    private let limit: Int
    private var kept: [UInt8] = []
    private var length = 0

    /// - Parameter limit: bytes of a line that is kept.
    init(limit: Int) { self.limit = limit }

    /// The lines that are complete with this chunk. A carriage return before the newline belongs to the newline, and a byte
    /// order mark before the line (files that were joined have some) to nobody.
    mutating func feed(_ chunk: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = chunk[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            keep(rest[..<newline])
            lines.append(take())
            rest = rest[(newline + 1)...]
        }
        keep(rest)
        return lines
    }

    /// The last line if it has no newline.
    mutating func finish() -> Line? { length == 0 ? nil : take() }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        length += bytes.count
        // Some bytes more, so that what is taken off at both ends does not count.
        kept += bytes.prefix(max(0, limit + Self.slack - kept.count))
    }

    private mutating func take() -> Line {
        defer {
            kept = []
            length = 0
        }
        guard length == kept.count else { return .tooLong(bytes: length) }
        if kept.starts(with: Self.mark) { kept.removeFirst(Self.mark.count) }
        if kept.last == UInt8(ascii: "\r") { kept.removeLast() }
        return kept.count <= limit ? .bytes(kept) : .tooLong(bytes: kept.count)
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let slack = mark.count + 1
}
