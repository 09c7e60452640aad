/// What the text of an Ed25519 message may be.
package enum TextRules {
    /// - Parameter text: valid UTF-8.
    /// - Throws: `text_empty`, `text_blank` or `text_has_control_characters`: C0 other than newline and tab, DEL, and C1, which UTF-8
    ///   writes as C2 80 to C2 9F.
    static func check(_ text: Span<UInt8>) throws(MessageError) {
        guard !text.isEmpty else { throw MessageError(.textEmpty, "the text is empty") }
        guard !isBlank(text) else { throw MessageError(.textBlank, "the text has nothing in it but blanks") }
        // Most texts have nothing that could be wrong, and counting without branches is what vectorizes.
        var suspicious = 0
        for index in text.indices { suspicious &+= isSuspicious(text[index]) ? 1 : 0 }
        if suspicious == 0 { return }
        var previous: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            let isC0 = byte < 0x20 && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\t")
            let isC1 = previous == 0xc2 && byte < 0xa0
            if isC0 || byte == 0x7f || isC1 {
                throw MessageError(
                    .textHasControlCharacters,
                    "the text has the control character \(name(of: byte)); only newline and tab may be in it")
            }
            previous = byte
        }
    }

    /// Whether nothing of a text is seen: white space, joiners and fillers only. Bytes that are no UTF-8 are something.
    package static func isBlank(_ text: Span<UInt8>) -> Bool {
        var index = 0
        while index < text.count {
            let first = text[index]
            guard first >= 0x80 else {
                // Other control characters are refused under their own name.
                guard first == 0x20 || first == 0x09 || first == 0x0a || first == 0x0d else { return false }
                index += 1
                continue
            }
            let count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
            guard first >= 0xc2, index + count <= text.count else { return false }
            var value = UInt32(first) & (0x7f >> UInt32(count))
            for place in index + 1..<index + count { value = value << 6 | UInt32(text[place] & 0x3f) }
            guard let scalar = Unicode.Scalar(value), isInvisible(scalar) else { return false }
            index += count
        }
        return true
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // NEL is white space and a control character.
        case 0x80...0x9f: false
        // A braille cell without a dot, a note without a head, and the anchors of annotations.
        case 0x2800, 0x1d159, 0xfff9...0xfffb: true
        default: scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    @inline(__always)
    private static func isSuspicious(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7f || byte == 0xc2
    }

    private static func name(of byte: UInt8) -> String {
        "U+00" + String(byte, radix: 16, uppercase: true).leftPadded(to: 2)
    }
}

extension String {
    func leftPadded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - utf8.count)) + self
    }
}
