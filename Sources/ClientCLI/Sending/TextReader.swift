import Messages
import ServiceRuntime

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
