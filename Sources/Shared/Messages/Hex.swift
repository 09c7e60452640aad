/// Hexadecimal digits, on bytes.
enum Hex {
    /// The value of one digit; upper case only where `anyCase` says so.
    @inline(__always)
    static func value(of digit: UInt8, anyCase: Bool = false) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F") where anyCase: digit &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }

    /// The lower-case digit of the low four bits.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 {
        let value = value & 15
        return value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }

    /// A big-endian integer from exactly two lower-case digits a byte that begin at `start`.
    static func word<I: FixedWidthInteger & UnsignedInteger>(
        _ text: Span<UInt8>, at start: Int, as: I.Type = I.self
    ) -> I? {
        guard start >= 0, text.count - start >= I.bitWidth / 4 else { return nil }
        var word: I = 0
        for index in start..<start + I.bitWidth / 4 {
            guard let digit = value(of: text[index]) else { return nil }
            word = word << 4 | I(digit)
        }
        return word
    }

    /// Writes `word` as lower-case digits, leading zeros included, at `start`.
    static func write<I: FixedWidthInteger>(
        _ word: I, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) {
        for index in 0..<I.bitWidth / 4 {
            text[start + index] = digit(UInt8(truncatingIfNeeded: word >> (I.bitWidth - 4 - index * 4)))
        }
    }

    /// The one spelling of a 2011 number: lower case, no leading zeros. Nil without digits, with a foreign character,
    /// or for zero, which is neither a modulus nor a signature.
    static func normalizedNumber(_ text: String) -> String? {
        guard text.utf8.allSatisfy({ value(of: $0, anyCase: true) != nil }) else { return nil }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "0") }
        guard !digits.isEmpty else { return nil }
        return String(decoding: digits.map { $0 | 0x20 }, as: UTF8.self)
    }

    /// Whether this is already the spelling that ``normalizedNumber(_:)`` gives.
    static func isNormalizedNumber(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty, text[0] != UInt8(ascii: "0") else { return false }
        for index in text.indices where value(of: text[index]) == nil { return false }
        return true
    }
}
