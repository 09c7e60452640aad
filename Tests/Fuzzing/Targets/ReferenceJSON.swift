/// RFC 8259 said once more, as plainly as possible and by recursion, to compare the iterative readers with.
///
/// It only says whether the text is JSON, and knows no limit but the stack: callers bound the depth first.
struct ReferenceJSON {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// Whether the whole of the bytes is one value of JSON. They must be UTF-8.
    ///
    /// - Parameter onlyObject: whether the value must be an object.
    static func accepts(_ bytes: UnsafeBufferPointer<UInt8>, onlyObject: Bool) -> Bool {
        var reader = ReferenceJSON(bytes: bytes)
        reader.blanks()
        if onlyObject, reader.next != UInt8(ascii: "{") { return false }
        guard reader.value() else { return false }
        reader.blanks()
        return reader.position == bytes.count
    }

    /// The deepest nesting that the brackets outside of texts could mean, also where the text is no JSON.
    static func depth(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var depth = 0
        var deepest = 0
        var isInText = false
        var isEscaped = false
        for byte in bytes {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return deepest
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func take(_ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { return false }
        }
        return true
    }

    private mutating func blanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func value() -> Bool {
        switch next {
        case UInt8(ascii: "{"): list(closedBy: UInt8(ascii: "}"), hasKeys: true)
        case UInt8(ascii: "["): list(closedBy: UInt8(ascii: "]"), hasKeys: false)
        case UInt8(ascii: "\""): text()
        case UInt8(ascii: "t"): take("true")
        case UInt8(ascii: "f"): take("false")
        case UInt8(ascii: "n"): take("null")
        default: number()
        }
    }

    private mutating func list(closedBy close: UInt8, hasKeys: Bool) -> Bool {
        position += 1
        blanks()
        if take(close) { return true }
        repeat {
            blanks()
            if hasKeys {
                guard text() else { return false }
                blanks()
                guard take(UInt8(ascii: ":")) else { return false }
                blanks()
            }
            guard value() else { return false }
            blanks()
        } while take(UInt8(ascii: ","))
        return take(close)
    }

    private mutating func text() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): if !escape() { return false }
            case ..<0x20: return false
            default: break
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard let byte = next else { return false }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"): return unit()
        default: return false
        }
    }

    /// What follows `\u`: one unit that is no surrogate, or a high and a low one.
    private mutating func unit() -> Bool {
        guard let first = fourDigits() else { return false }
        switch first {
        case 0xdc00...0xdfff: return false
        case 0xd800...0xdbff:
            guard take("\\u"), let low = fourDigits() else { return false }
            return (0xdc00...0xdfff).contains(low)
        default: return true
        }
    }

    private mutating func fourDigits() -> Int? {
        guard position + 4 <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { return nil }
            value = value * 16 + digit
            position += 1
        }
        return value
    }

    private mutating func number() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            guard digits() else { return false }
        }
        if take(UInt8(ascii: ".")), !digits() { return false }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position > start
    }
}
