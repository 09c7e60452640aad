/// What the text of an Ed25519 message may be.
enum TextRules {
    /// - Parameter text: valid UTF-8.
    /// - Throws: `text_empty` or `text_has_control_characters`: C0 other than newline and tab, DEL, and C1, which UTF-8
    ///   writes as C2 80 to C2 9F.
    static func check(_ text: Span<UInt8>) throws(MessageError) {
        guard !text.isEmpty else { throw MessageError(.textEmpty, "the text is empty") }
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
