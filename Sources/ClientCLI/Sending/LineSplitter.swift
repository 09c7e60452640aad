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

    /// A byte order mark.
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let slack = mark.count + 1
}
