/// Which characters a text has escaped in JSON, beside `"`, `\` and C0, which it must.
package enum JSONEscapes: Sendable {
    /// Between switches: nothing else, so that equal texts have equal bytes.
    case wire
    /// Lines that people look at in terminals: DEL and C1 as well.
    case terminal
    /// Answers of the page: DEL as well.
    case page
    /// Events for browsers: as ``terminal``, and U+2028 and U+2029, which end a line for some readers.
    case stream
    /// Logs: everything that a terminal obeys, or that makes text look like other text.
    case log

    /// Whether `\r` is written so, or by its number.
    fileprivate var hasCarriageReturn: Bool {
        switch self {
        case .wire, .terminal, .stream: true
        case .page, .log: false
        }
    }

    /// - Parameter scalar: from DEL on.
    private func includes(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .wire: false
        case .page: scalar.value == 0x7f
        case .terminal: (0x7f...0x9f).contains(scalar.value)
        case .stream: (0x7f...0x9f).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
        case .log: scalar.isTreacherous
        }
    }

    /// The position of the first character at or after `start` that is escaped, or the end.
    ///
    /// - Parameter bytes: UTF-8.
    fileprivate func endOfPlainRun(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let end = JSONText.endOfPlainRun(in: bytes, from: start)
        if case .wire = self { return end }
        var index = start
        while index < end {
            if bytes[index] < 0x7f {
                index += 1
            } else {
                let scalar = Unicode.Scalar(at: index, of: bytes)
                if includes(scalar) { return index }
                index += UTF8.width(scalar)
            }
        }
        return end
    }
}

extension JSONWriter {
    /// A text in its quotes: the one place where JSON is escaped.
    ///
    /// - Parameter text: UTF-8.
    mutating func write(quoted text: UnsafeBufferPointer<UInt8>) {
        bytes.append(ASCII.quote)
        var start = 0
        while true {
            let end = escapes.endOfPlainRun(in: text, from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
            guard end < text.count else { break }
            let scalar = Unicode.Scalar(at: end, of: text)
            write(escaped: scalar)
            start = end + UTF8.width(scalar)
        }
        bytes.append(ASCII.quote)
    }

    private mutating func write(escaped scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": write(escape: ASCII.quote)
        case "\\": write(escape: ASCII.backslash)
        case "\n": write(escape: UInt8(ascii: "n"))
        case "\t": write(escape: UInt8(ascii: "t"))
        case "\r" where escapes.hasCarriageReturn: write(escape: UInt8(ascii: "r"))
        default:
            UTF16.encode(scalar)?.forEach { unit in
                write(escape: UInt8(ascii: "u"))
                for shift: UInt16 in [12, 8, 4, 0] { bytes.append(Hex.digit(unit >> shift)) }
            }
        }
    }

    private mutating func write(escape byte: UInt8) {
        bytes.append(ASCII.backslash)
        bytes.append(byte)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal obeys it, or it makes text look like other text.
    package var isTreacherous: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL, C1
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F: true  // direction marks and overrides
        case 0x2028, 0x2029: true  // line and paragraph separator
        case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true  // interlinear annotation, tags
        default: false
        }
    }

    /// The scalar that begins at a position of UTF-8. What is cut off counts as zeros.
    fileprivate init(at position: Int, of bytes: UnsafeBufferPointer<UInt8>) {
        let first = bytes[position]
        let count = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        var value = count == 1 ? UInt32(first) : UInt32(first) & (0x7f >> UInt32(count))
        for next in position + 1..<position + count {
            value = value << 6 | (next < bytes.count ? UInt32(bytes[next] & 0x3f) : 0)
        }
        self = Unicode.Scalar(value) ?? "\u{fffd}"
    }
}
