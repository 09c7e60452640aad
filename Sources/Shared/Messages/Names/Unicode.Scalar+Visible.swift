/// What of a name is seen.
extension Unicode.Scalar {
    /// `U+` and at least four hex digits.
    var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    /// Whether it is seen, by itself or on the character before it; white space is not.
    var isVisible: Bool {
        // U+2800 is a braille cell without a dot.
        guard self != "\u{2800}", !properties.isDefaultIgnorableCodePoint else { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// Choose between text and picture.
    var isPictureSelector: Bool { value == 0xFE0E || value == 0xFE0F }

    var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: true
        default: false
        }
    }

    /// Emoji and several scripts need them between their characters.
    var isJoiner: Bool { value == 0x200C || value == 0x200D }

    /// Whether a joiner changes how the characters beside it look (as RFC 5892, appendix A, has it, and for pictures).
    func joins(_ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
        guard let before, let after, after.isVisible else { return false }
        if before.properties.canonicalCombiningClass == .virama { return true }
        return value == 0x200D
            ? before.isPicture && after.isPicture : before.joinsInWriting && after.joinsInWriting
    }

    /// ASCII digits are emoji, too, for the sake of their keycaps.
    private var isPicture: Bool { properties.isEmoji && value > 0xFF }

    /// A letter, or a mark on one, of a script whose letters are joined: Arabic, Syriac, N'Ko and those between; Mongolian.
    private var joinsInWriting: Bool { (0x0600...0x08FF).contains(value) || (0x1800...0x18AF).contains(value) }
}
