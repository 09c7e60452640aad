/// A strict, iterative reader of JSON (RFC 8259), as much as a message and a key file need. It never recurses, so depth costs
/// no stack.
struct JSONReader {
    private let bytes: [UInt8]
    private var offset = 0

    /// - Throws: `json_malformed` for bytes that are not UTF-8.
    init(_ bytes: [UInt8]) throws(MessageError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONReader.malformed("it is not UTF-8") }
        self.bytes = bytes
    }

    static func malformed(_ what: String) -> MessageError {
        MessageError(.jsonMalformed, "the JSON is malformed: \(what)")
    }

    /// An object: `body` reads the value of each key. A key that comes twice, however it is escaped, is an error.
    mutating func object(
        _ body: (inout JSONReader, String) throws(MessageError) -> Void
    ) throws(MessageError) {
        try expect(UInt8(ascii: "{"), "an object is expected")
        if take(UInt8(ascii: "}")) { return }
        // As bytes: Swift takes texts for equal that are not the same bytes.
        var seen: Set<[UInt8]> = []
        repeat {
            skipSpace()
            let key = try string()
            guard seen.insert(Array(key.utf8)).inserted else { throw JSONReader.malformed("a key comes twice") }
            try expect(UInt8(ascii: ":"), "a colon is expected")
            skipSpace()
            try body(&self, key)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the end of an object is expected")
    }

    mutating func objectOfStrings() throws(MessageError) -> [String: String] {
        var result: [String: String] = [:]
        try object { (reader, key) throws(MessageError) in
            guard reader.peek == UInt8(ascii: "\"") else {
                throw JSONReader.malformed("the value of every signal is a string")
            }
            let value = try reader.string()
            guard result.updateValue(value, forKey: key) == nil else { throw SignalReader.badKey }
        }
        return result
    }

    mutating func stringOrNull() throws(MessageError) -> String? {
        if peek == UInt8(ascii: "\"") { return try string() }
        guard literal() == "null" else { throw JSONReader.malformed("a string is expected") }
        return nil
    }

    /// An integer as it is written everywhere: no fraction, no exponent.
    mutating func integerOrNull() throws(MessageError) -> Int64? {
        let text = literal()
        if text == "null" { return nil }
        guard JSONNumber.isValid(text.utf8), let number = Int64(text) else {
            throw JSONReader.malformed("an integer is expected")
        }
        return number
    }

    /// Reads over one value of any kind, checking its grammar. In the objects that are skipped keys may repeat.
    mutating func skipValue() throws(MessageError) {
        // What closes each container that is open.
        var open: [UInt8] = []
        repeat {
            skipSpace()
            switch peek {
            case UInt8(ascii: "{"):
                offset += 1
                if !take(UInt8(ascii: "}")) {
                    open.append(UInt8(ascii: "}"))
                    try skipKey()
                    try checkDepth(open.count)
                    continue
                }
            case UInt8(ascii: "["):
                offset += 1
                if !take(UInt8(ascii: "]")) {
                    open.append(UInt8(ascii: "]"))
                    try checkDepth(open.count)
                    continue
                }
            case UInt8(ascii: "\""): _ = try string()
            default: try skipScalar()
            }
            // A value ended: close what it ends, or go on to the next value of its container.
            while let close = open.last, take(close) { open.removeLast() }
            guard let close = open.last else { return }
            try expect(UInt8(ascii: ","), "a comma or the end of a list is expected")
            if close == UInt8(ascii: "}") { try skipKey() }
        } while true
    }

    /// Nothing but white space may be left.
    mutating func end() throws(MessageError) {
        skipSpace()
        guard offset == bytes.count else { throw JSONReader.malformed("something follows its end") }
    }

    private func checkDepth(_ depth: Int) throws(MessageError) {
        // The object that holds the value is a level too.
        guard depth < MessageLimits.jsonDepth else {
            throw JSONReader.malformed("it has more than \(MessageLimits.jsonDepth) levels")
        }
    }

    private mutating func skipKey() throws(MessageError) {
        skipSpace()
        _ = try string()
        try expect(UInt8(ascii: ":"), "a colon is expected")
    }

    private mutating func skipScalar() throws(MessageError) {
        let text = literal()
        guard ["true", "false", "null"].contains(text) || JSONNumber.isValid(text.utf8) else {
            throw JSONReader.malformed("a value is expected")
        }
    }

    /// Letters, digits and signs up to the next other character.
    private mutating func literal() -> String {
        let start = offset
        while let byte = peek, JSONNumber.canBeInLiteral(byte) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }
}

// The characters.
extension JSONReader {
    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { offset += 1 }
    }

    /// Takes this character, after white space, if it is there.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ otherwise: String) throws(MessageError) {
        guard take(byte) else { throw JSONReader.malformed(otherwise) }
    }

    /// A string, unescaped.
    mutating func string() throws(MessageError) -> String {
        try expect(UInt8(ascii: "\""), "a string is expected")
        var text: [UInt8] = []
        while let byte = peek {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case 0..<0x20: throw JSONReader.malformed("a control character in a string is not escaped")
            default:
                let start = offset - 1
                while let next = peek, next >= 0x20, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\") {
                    offset += 1
                }
                text.append(contentsOf: bytes[start..<offset])
            }
        }
        throw JSONReader.malformed("a string does not end")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(MessageError) {
        guard let byte = peek else { throw JSONReader.malformed("a string does not end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw JSONReader.malformed("an escape is unknown")
        }
    }

    /// What follows `\u`: four digits, or two times four for a surrogate pair.
    private mutating func escapedScalar() throws(MessageError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        if (0xd800..<0xdc00).contains(first), peek == UInt8(ascii: "\\") {
            offset += 1
            if peek == UInt8(ascii: "u") {
                offset += 1
                let second = try fourDigits()
                if (0xdc00..<0xe000).contains(second),
                    let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
                {
                    return scalar
                }
            }
        }
        throw JSONReader.malformed("an escape is half of a surrogate pair")
    }

    private mutating func fourDigits() throws(MessageError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap({ Hex.value(of: $0, anyCase: true) }) else {
                throw JSONReader.malformed("an escape has four hex digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}

/// The grammar of numbers in JSON.
enum JSONNumber {
    static func canBeInLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// `-`? integer without leading zeros, fraction?, exponent?
    static func isValid(_ text: some Collection<UInt8>) -> Bool {
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let integer = rest.prefix(while: isDigit)
        guard let first = integer.first, first != UInt8(ascii: "0") || integer.count == 1 else { return false }
        rest = rest.dropFirst(integer.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
            let exponent = rest.prefix(while: isDigit)
            guard !exponent.isEmpty else { return false }
            rest = rest.dropFirst(exponent.count)
        }
        return rest.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
