/// Writes the members of JSON objects into one buffer: commas between members, escapes where RFC 8259 wants them.
///
/// Text goes out as UTF-8 with `"`, `\` and control characters escaped and nothing else, so equal texts have equal
/// bytes.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// Whether the next member of the open object, or element of the open array, needs a comma before it.
    private var needsComma = false

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    // MARK: Members

    mutating func member(_ key: String, string: String) {
        begin(member: key)
        write(quoted: string)
    }

    /// A member whose key needs no escape.
    mutating func member(_ key: StaticString, integer: Int) {
        begin(member: key)
        write(decimal: integer)
    }

    mutating func begin(member key: String) {
        separate()
        write(quoted: key)
        bytes.append(ASCII.colon)
    }

    mutating func begin(member key: StaticString) {
        separate()
        bytes.append(ASCII.quote)
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(ASCII.quote)
        bytes.append(ASCII.colon)
    }

    /// Members that were written before, without braces.
    mutating func members(encoded: [UInt8]) {
        guard !encoded.isEmpty else { return }
        separate()
        bytes.append(contentsOf: encoded)
    }

    /// A member as it was read; only what came with escapes is looked through for characters that need one.
    mutating func member(_ key: JSONText, string: JSONText) {
        separate()
        write(key)
        bytes.append(ASCII.colon)
        write(string)
    }

    private mutating func write(_ text: JSONText) {
        if text.hadEscapes {
            write(quoted: text.bytes)
        } else {
            bytes.append(ASCII.quote)
            bytes.append(contentsOf: text.bytes)
            bytes.append(ASCII.quote)
        }
    }

    // MARK: Containers

    mutating func open(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = false
    }

    mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    mutating func element(string: String) {
        separate()
        write(quoted: string)
    }

    mutating func element(endpoint: Endpoint) {
        separate()
        write(quoted: endpoint)
    }

    mutating func separate() {
        if needsComma { bytes.append(ASCII.comma) }
        needsComma = true
    }

    // MARK: Values

    mutating func write(quoted text: String) {
        var text = text
        text.withUTF8 { write(quoted: $0) }
    }

    mutating func write(quoted text: UnsafeBufferPointer<UInt8>) {
        bytes.append(ASCII.quote)
        var start = 0
        while true {
            let end = JSONText.endOfPlainRun(in: text, from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
            guard end < text.count else { break }
            write(escaped: text[end])
            start = end + 1
        }
        bytes.append(ASCII.quote)
    }

    mutating func write(quoted endpoint: Endpoint) {
        bytes.append(ASCII.quote)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Endpoint.longestText) { buffer in
            let count = endpoint.write(into: buffer)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count]))
        }
        bytes.append(ASCII.quote)
    }

    mutating func write(decimal value: Int) {
        if value < 0 { bytes.append(ASCII.minus) }
        var rest = value.magnitude
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[start...]))
        }
    }

    private mutating func write(escaped byte: UInt8) {
        bytes.append(ASCII.backslash)
        switch byte {
        case ASCII.quote, ASCII.backslash: bytes.append(byte)
        case ASCII.newline: bytes.append(UInt8(ascii: "n"))
        case ASCII.tab: bytes.append(UInt8(ascii: "t"))
        case ASCII.carriageReturn: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: [UInt8(ascii: "u"), ASCII.zero, ASCII.zero])
            bytes.append(ASCII.hexDigit(byte >> 4))
            bytes.append(ASCII.hexDigit(byte & 15))
        }
    }
}
