/// What the text of an Ed25519 message may be.
package enum TextRules {
    /// - Throws: `text_empty`, `text_blank` or `text_has_control_characters`: C0 other than newline and tab, DEL, and C1.
    static func check(_ text: String) throws(MessageError) {
        guard !text.isEmpty else { throw MessageError(.textEmpty, "the text is empty") }
        guard !isBlank(text) else { throw MessageError(.textBlank, "the text has nothing in it but blanks") }
        guard let control = text.unicodeScalars.first(where: isForbidden) else { return }
        throw MessageError(
            .textHasControlCharacters,
            "the text has the control character \(control.codePoint); only newline and tab may be in it")
    }

    /// Whether nothing of a text is seen: white space, joiners and fillers only.
    package static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isInvisible) }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a: false
        case ..<0x20, 0x7f...0x9f: true
        default: false
        }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x20: true
        // Other control characters, NEL too, are refused under their own name.
        case ..<0xa0: false
        // A braille cell without a dot, a note without a head, and the anchors of annotations.
        case 0x2800, 0x1d159, 0xfff9...0xfffb: true
        default: scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
