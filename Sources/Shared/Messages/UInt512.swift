import TelehashWire

/// A number of 512 bits: eight words, the lowest first.
struct UInt512: Equatable {
    var words: InlineArray<8, UInt64>

    static let zero = UInt512(0)
    static let one = UInt512(1)

    init(_ value: UInt64) {
        words = InlineArray(repeating: 0)
        words[0] = value
    }

    /// - Parameter hexDigits: digits in either case, leading zeros allowed; nil where there are none or other characters,
    ///   and for numbers that are too large.
    init?(hexDigits: Span<UInt8>) {
        guard !hexDigits.isEmpty else { return nil }
        words = InlineArray(repeating: 0)
        for index in hexDigits.indices {
            guard let digit = Hex.value(of: hexDigits[index], anyCase: true) else { return nil }
            let place = hexDigits.count - 1 - index
            guard place < 128 else {
                if digit == 0 { continue }
                return nil
            }
            words[place >> 4] |= UInt64(digit) << UInt64((place & 15) * 4)
        }
    }

    /// - Parameter bigEndian: at most 64 bytes; those beyond are not looked at.
    init(bigEndian bytes: [UInt8]) {
        words = InlineArray(repeating: 0)
        for (place, byte) in bytes.reversed().prefix(64).enumerated() {
            words[place >> 3] |= UInt64(byte) << UInt64((place & 7) * 8)
        }
    }

    /// Lower-case digits without leading zeros.
    var hex: String {
        let digits = (0..<128).reversed().map { place in
            Hex.digit(words[place >> 4] >> UInt64((place & 15) * 4))
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        return significant.isEmpty ? "0" : String(decoding: significant, as: UTF8.self)
    }

    static func == (a: Self, b: Self) -> Bool {
        for index in 0..<8 where a.words[index] != b.words[index] { return false }
        return true
    }

    static func < (a: Self, b: Self) -> Bool {
        for index in (0..<8).reversed() where a.words[index] != b.words[index] {
            return a.words[index] < b.words[index]
        }
        return false
    }

    /// Subtracts and returns whether it went below zero.
    mutating func subtract(_ other: UInt512) -> Bool {
        var borrow: UInt64 = 0
        for index in 0..<8 {
            let (first, under) = words[index].subtractingReportingOverflow(other.words[index])
            let (second, underAgain) = first.subtractingReportingOverflow(borrow)
            words[index] = second
            borrow = under || underAgain ? 1 : 0
        }
        return borrow == 1
    }
}
