/// A text or number of the datagram: bytes that live as long as the decoding does.
struct JSONText {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Whether it may hold characters that must be escaped when it is written again.
    let hadEscapes: Bool

    init(_ bytes: UnsafeBufferPointer<UInt8>, hadEscapes: Bool = false) {
        self.bytes = bytes
        self.hadEscapes = hadEscapes
    }

    init(_ constant: StaticString) {
        self.init(UnsafeBufferPointer(start: constant.utf8Start, count: constant.utf8CodeUnitCount))
    }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    static func == (text: JSONText, constant: StaticString) -> Bool { text == JSONText(constant) }

    static func ~= (constant: StaticString, text: JSONText) -> Bool { text == constant }

    static func == (lhs: JSONText, rhs: JSONText) -> Bool {
        lhs.bytes.count == rhs.bytes.count && lhs.bytes.elementsEqual(rhs.bytes)
    }

    /// The order of the bytes.
    static func < (lhs: JSONText, rhs: JSONText) -> Bool { lhs.bytes.lexicographicallyPrecedes(rhs.bytes) }
}

extension JSONText {
    /// The position of the first quote, backslash or control character at or after `start`, or the end.
    static func endOfPlainRun(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let special = EightBytes.special(in: word)
            if special != 0 { return index + special.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == ASCII.quote || byte == ASCII.backslash || byte < ASCII.space { return index }
            index += 1
        }
        return index
    }
}

/// Looks at eight bytes at once.
private enum EightBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// A word whose lowest set bit is in the first byte of `word` that is a quote, a backslash or below space.
    ///
    /// Borrows of the subtractions run upwards only, so higher bits may be wrong but the lowest never is.
    static func special(in word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* UInt64(ASCII.quote))
        let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
        let controls = (word &- ones &* UInt64(ASCII.space)) & ~word
        return (controls | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & highBits
    }
}
