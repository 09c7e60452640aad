/// How many bytes a message takes on the wire: as signals of a telex, written as JSON without white space, with `"`, `\`,
/// newline, tab and carriage return as two characters, other control characters below U+0020 as six, and everything else as
/// UTF-8.
public enum TelexSize {
    /// Bytes of the telex that carries `signals`, with headers at their largest. A message may have
    /// ``MessageLimits/telexBytes``.
    public static func bytes(of signals: [String: String]) -> Int {
        signals.reduce(MessageLimits.telexHeaderBytes) { total, signal in
            total + bytes(ofKey: signal.key.utf8.span, value: signal.value.utf8.span)
        }
    }

    /// Bytes that a text takes inside the quotes of a JSON string on the wire.
    public static func bytes(ofText text: String) -> Int {
        escapedBytes(of: text.utf8.span)
    }

    /// One signal: quotes, colon and the comma that parts it from the headers or from the signal before it.
    static func bytes(ofKey key: Span<UInt8>, value: Span<UInt8>) -> Int {
        escapedBytes(of: key) + escapedBytes(of: value) + #""":"","#.utf8.count
    }

    static func escapedBytes(of text: Span<UInt8>) -> Int {
        // Most texts need no escape, and counting without branches is what vectorizes.
        var special = 0
        for index in text.indices { special &+= needsEscape(text[index]) ? 1 : 0 }
        guard special > 0 else { return text.count }
        var total = text.count
        for index in text.indices where needsEscape(text[index]) { total += escapeBytes(text[index]) - 1 }
        return total
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escapeBytes(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\""), UInt8(ascii: "\\"):
            #"\n"#.utf8.count
        default: #"\u0000"#.utf8.count
        }
    }

    /// The error for signals that are known to be too long.
    static func tooLong(_ signals: [String: String]) -> MessageError {
        error(total: bytes(of: signals), text: bytes(ofText: signals[SignalKey.message] ?? ""))
    }

    /// - Parameter text: bytes of the total that are the text's.
    static func error(total: Int, text: Int) -> MessageError {
        let excess = total - MessageLimits.telexBytes
        guard text > excess else {
            return MessageError(
                .telexTooLong,
                "the signals are \(excess) bytes too long for a telex of \(MessageLimits.telexBytes) bytes")
        }
        return MessageError(
            .textTooLong,
            "the text is \(excess) \(excess == 1 ? "byte" : "bytes") too long: "
                + "\(text) bytes as JSON, \(text - excess) fit")
    }
}
