extension NodeID: CustomStringConvertible {
    /// Reads exactly 40 hex digits of any case; `nil` for anything else.
    public init?(hex: String) { self.init(hex, anyCase: true) }

    /// Reads exactly 40 digits in the spelling of ``hex``; `nil` for anything else.
    package init?(lowerCaseHex hex: String) { self.init(hex, anyCase: false) }

    private init?(_ hex: String, anyCase: Bool) {
        let digits = hex.utf8.span
        guard digits.count == 40, let high: UInt64 = Hex.word(digits, at: 0, anyCase: anyCase),
            let middle: UInt64 = Hex.word(digits, at: 16, anyCase: anyCase),
            let low: UInt32 = Hex.word(digits, at: 32, anyCase: anyCase)
        else { return nil }
        self.init(high: high, middle: middle, low: low)
    }

    /// 40 lower-case hex digits, as on the wire.
    public var hex: String {
        String(unsafeUninitializedCapacity: 40) { text in
            Hex.write(high, to: text, at: 0)
            Hex.write(middle, to: text, at: 16)
            Hex.write(low, to: text, at: 32)
            return 40
        }
    }

    public var description: String { hex }
}
