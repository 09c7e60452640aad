import TelehashWire

/// Text of strangers made harmless for terminals and logs.
package enum SafeText {
    /// One line: every control character, line break and invisible direction mark is written as `\n`, `\u{202E}` …
    package static func line(_ text: String) -> String { escaped(text, keeping: []) }

    /// Several lines: as ``line(_:)``, but newline and tab stay.
    package static func lines(_ text: String) -> String { escaped(text, keeping: ["\n", "\t"]) }

    private static func escaped(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        func isEscaped(_ scalar: Unicode.Scalar) -> Bool { scalar.isTreacherous && !kept.contains(scalar) }
        guard text.unicodeScalars.contains(where: isEscaped) else { return text }
        return text.unicodeScalars.map { isEscaped($0) ? escape($0) : String($0) }.joined()
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        }
    }
}
