/// Reads RFC 8259 from left to right out of bytes that are known to be UTF-8, without recursion and without building
/// values that nobody asked for.
///
/// The caller walks containers with the `open…`/`continue…` pairs and skips what it does not want. Every read of a
/// byte is guarded by the count: the pointer comes from a peer.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    /// Room for texts that carried escapes: as many bytes as the datagram, since unescaping never lengthens. Made at
    /// the first escape, which most telexes don't have; given back by ``releaseScratch()``.
    var scratch = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
    var scratchUsed = 0
    /// What has to stand at the position, for people who wonder why it does not.
    var expecting = Expectation.value

    /// A sentence's part.
    enum Expectation: String {
        case object = "an object is expected"
        case key = "a string is expected"
        case colon = "a colon is expected"
        case value = "a value is expected"
        case endOfObject = "a comma or the end of an object is expected"
        case endOfArray = "a comma or the end of a list is expected"
        case endOfText = "a string does not end"
        case escapedControl = "a control character in a string is not escaped"
        case knownEscape = "an escape is unknown"
        case hexDigits = "an escape has four hex digits"
    }

    /// A value, as far as one look tells. A container has not been entered: the position is at its bracket.
    enum Value {
        case text(JSONText)
        case number(JSONText)
        case bool(Bool)
        case null
        case array
        case object
    }

    /// To be called once nothing looks at the texts any more.
    func releaseScratch() {
        scratch.deallocate()
    }

    var isAtEnd: Bool { position == bytes.count }

    func peek() throws(TelexError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        return bytes[position]
    }

    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case ASCII.space, ASCII.newline, ASCII.tab, ASCII.carriageReturn: position += 1
            default: return
            }
        }
    }

    mutating func expect(_ byte: UInt8) throws(TelexError) {
        guard try peek() == byte else { throw .malformed }
        position += 1
    }

    mutating func value() throws(TelexError) -> Value {
        expecting = .value
        switch try peek() {
        case ASCII.quote: return .text(try text())
        case ASCII.openBracket: return .array
        case ASCII.openBrace: return .object
        case ASCII.minus, ASCII.zero...ASCII.nine: return .number(try number())
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default: throw .malformed
        }
    }

    private mutating func expect(_ word: StaticString) throws(TelexError) {
        for byte in JSONText(word).bytes { try expect(byte) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Checked once for a whole datagram, so that nothing behind it needs to check again.
    var isUTF8: Bool { (try? UTF8Span(validating: span)) != nil }
}
