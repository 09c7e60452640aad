import TelehashWire

extension Hex {
    /// The one spelling of a 2011 number: lower case, no leading zeros. Nil without digits, with a foreign character,
    /// or for zero, which is neither a modulus nor a signature.
    static func normalizedNumber(_ text: String) -> String? {
        guard text.utf8.allSatisfy({ value(of: $0, anyCase: true) != nil }) else { return nil }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "0") }
        guard !digits.isEmpty else { return nil }
        return String(decoding: digits.map { $0 | 0x20 }, as: UTF8.self)
    }

    /// Whether this is already the spelling that ``normalizedNumber(_:)`` gives.
    static func isNormalizedNumber(_ text: String) -> Bool { normalizedNumber(text) == text }
}
