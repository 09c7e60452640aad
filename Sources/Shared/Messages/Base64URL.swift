/// Base64 with the URL alphabet and without padding (RFC 4648, section 5), in the canonical spelling only: the bits
/// that a last character has too many are zero, so equal bytes have equal texts.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static let none: UInt8 = 0xff

    /// The value of each character, `none` where there is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: none, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(characters(for: bytes.count))
        var bits: UInt32 = 0
        var pending: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            pending += 8
            while pending >= 6 {
                pending -= 6
                text.append(alphabet[Int(bits >> pending & 63)])
            }
        }
        if pending > 0 { text.append(alphabet[Int(bits << (6 - pending) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Exactly `count` bytes from their canonical spelling; nil for anything else.
    static func decode(_ text: Span<UInt8>, count: Int) -> [UInt8]? {
        guard text.count == characters(for: count) else { return nil }
        var isCanonical = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let values = values
            // Bit 6 or 7 of this is set as soon as one character has no value.
            var seen: UInt8 = 0
            var bits: UInt32 = 0
            var pending: UInt32 = 0
            for index in text.indices {
                let value = values[Int(text[index])]
                seen |= value
                bits = bits << 6 | UInt32(value & 63)
                pending += 6
                if pending >= 8 {
                    pending -= 8
                    buffer[filled] = UInt8(truncatingIfNeeded: bits >> pending)
                    filled += 1
                }
            }
            isCanonical = seen < 64 && bits & (1 << pending - 1) == 0
        }
        return isCanonical ? bytes : nil
    }

    private static func characters(for count: Int) -> Int { (count * 8 + 5) / 6 }
}
