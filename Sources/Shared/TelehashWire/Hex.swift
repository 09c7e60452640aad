/// Hexadecimal digits, on bytes.
package enum Hex {
    /// The value of one digit; upper case only where `anyCase` says so.
    @inlinable
    package static func value(of digit: UInt8, anyCase: Bool = false) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F") where anyCase: digit &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }

    /// The lower-case digit of the low four bits.
    @inlinable
    package static func digit(_ value: some FixedWidthInteger) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value) & 15
        return value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }

    /// A big-endian integer from exactly two digits a byte that begin at `start`.
    @inlinable
    package static func word<I: FixedWidthInteger & UnsignedInteger>(
        _ text: Span<UInt8>, at start: Int, anyCase: Bool = false
    ) -> I? {
        guard start >= 0, text.count - start >= I.bitWidth / 4 else { return nil }
        var word: I = 0
        for index in start..<start + I.bitWidth / 4 {
            guard let digit = value(of: text[index], anyCase: anyCase) else { return nil }
            word = word << 4 | I(digit)
        }
        return word
    }

    /// Writes `word` as lower-case digits, leading zeros included, at `start`.
    @inlinable
    package static func write<I: FixedWidthInteger>(
        _ word: I, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) {
        for index in 0..<I.bitWidth / 4 { text[start + index] = digit(word >> (I.bitWidth - 4 - index * 4)) }
    }
}
