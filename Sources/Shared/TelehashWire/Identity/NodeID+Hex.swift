extension NodeID: CustomStringConvertible {
    /// How many hex digits spell 160 bits.
    static let hexDigits = 40

    /// Reads exactly 40 hex digits of any case; `nil` for anything else.
    public init?(hex: String) {
        var hex = hex
        guard let id = hex.withUTF8({ NodeID(hex: $0) }) else { return nil }
        self = id
    }

    /// Reads exactly 40 digits in the spelling of ``hex``; `nil` for anything else.
    package init?(lowerCaseHex hex: String) {
        self.init(hex: hex)
        if hex.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) }) { return nil }
    }

    init?(hex digits: UnsafeBufferPointer<UInt8>) {
        guard digits.count == NodeID.hexDigits else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for (index, digit) in digits.enumerated() {
            guard let nibble = ASCII.hexValue(of: digit) else { return nil }
            if index < 16 {
                words.0 = words.0 << 4 | UInt64(nibble)
            } else if index < 32 {
                words.1 = words.1 << 4 | UInt64(nibble)
            } else {
                words.2 = words.2 << 4 | UInt64(nibble)
            }
        }
        self.init(high: words.0, middle: words.1, low: UInt32(truncatingIfNeeded: words.2))
    }

    /// 40 lower-case hex digits, as on the wire.
    public var hex: String {
        String(unsafeUninitializedCapacity: NodeID.hexDigits) { buffer in
            for index in 0..<16 {
                buffer[index] = ASCII.hexDigit(UInt8(truncatingIfNeeded: high >> UInt64(60 - 4 * index)) & 15)
                buffer[16 + index] = ASCII.hexDigit(UInt8(truncatingIfNeeded: middle >> UInt64(60 - 4 * index)) & 15)
            }
            for index in 0..<8 {
                buffer[32 + index] = ASCII.hexDigit(UInt8(truncatingIfNeeded: low >> UInt32(28 - 4 * index)) & 15)
            }
            return NodeID.hexDigits
        }
    }

    public var description: String { hex }
}
