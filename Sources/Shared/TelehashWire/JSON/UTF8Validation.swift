/// Checks a whole datagram for UTF-8 once, so that nothing behind it needs to check again.
enum UTF8Validation {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether the bytes are UTF-8 by the table of RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
    static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        var position = 0
        while position < bytes.count {
            if position + 8 <= bytes.count,
                raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & highBits == 0
            {
                position += 8
            } else if bytes[position] < 0x80 {
                position += 1
            } else {
                let length = sequenceLength(bytes, at: position)
                if length == 0 { return false }
                position += length
            }
        }
        return true
    }

    /// The length of the valid sequence that begins with the non-ASCII byte at `position`, or 0.
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
        let first = bytes[position]
        let length: Int
        // The second byte's range excludes overlong forms (E0, F0), surrogates (ED) and what lies past U+10FFFF (F4).
        let second: ClosedRange<UInt8>
        switch first {
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return 0
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else { return 0 }
        for offset in 2..<max(length, 2) where bytes[position + offset] & 0xc0 != 0x80 { return 0 }
        return length
    }
}
