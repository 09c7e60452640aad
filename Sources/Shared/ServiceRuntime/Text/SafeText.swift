/// Text of strangers made harmless for terminals and logs.
public enum SafeText {
    /// One line: every control character, line break and invisible direction mark is written as `\n`, `\u{202E}` …
    public static func line(_ text: String) -> String { escaped(text, keeping: []) }

    /// Several lines: as ``line(_:)``, but newline and tab stay.
    public static func lines(_ text: String) -> String { escaped(text, keeping: ["\n", "\t"]) }

    private static func escaped(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        guard text.unicodeScalars.contains(where: { isDangerous($0) && !kept.contains($0) }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isDangerous(scalar), !kept.contains(scalar) {
                result.append(contentsOf: escape(scalar).unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Characters that a terminal obeys, or that make text look like other text.
    static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL, C1
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F: true  // direction marks and overrides
        case 0x2028, 0x2029: true  // line and paragraph separator
        case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true  // interlinear annotation, tags
        default: false
        }
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
