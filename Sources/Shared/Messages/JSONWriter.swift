/// Writes one JSON object on one line. Control characters (C0, DEL and C1, so that a terminal is safe), `"` and `\` are
/// escaped, everything else is UTF-8.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }
    mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

    /// A key, with the comma before it where it is not the first of its object.
    mutating func key(_ name: Span<UInt8>) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func key(_ name: String) { key(name.utf8.span) }

    mutating func null() { bytes.append(contentsOf: "null".utf8) }

    mutating func number(_ value: Int64) { bytes.append(contentsOf: String(value).utf8) }

    mutating func string(_ text: String) { string(text.utf8.span) }

    /// - Parameter text: valid UTF-8.
    mutating func string(_ text: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        // What needs no escape is copied in one piece.
        var plain = 0
        var index = 0
        while index < text.count {
            // C1 is C2 80 to C2 9F.
            let isC1 = text[index] == 0xc2 && index + 1 < text.count && text[index + 1] < 0xa0
            if isC1 || JSONWriter.needsEscape(text[index]) {
                append(text, from: plain, to: index)
                index += isC1 ? 1 : 0
                escape(text[index])
                plain = index + 1
            }
            index += 1
        }
        append(text, from: plain, to: text.count)
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7f
    }

    private mutating func append(_ text: Span<UInt8>, from start: Int, to end: Int) {
        guard start < end else { return }
        text.extracting(start..<end).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: #"\n"#.utf8)
        case UInt8(ascii: "\t"): bytes.append(contentsOf: #"\t"#.utf8)
        case UInt8(ascii: "\r"): bytes.append(contentsOf: #"\r"#.utf8)
        default:
            bytes.append(contentsOf: #"\u00"#.utf8)
            bytes.append(Hex.digit(byte >> 4))
            bytes.append(Hex.digit(byte))
        }
    }
}
