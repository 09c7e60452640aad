/// Where the words of a text begin and end, in every script.
package enum WordBreaks {
    /// The places of the words of a text, in their order.
    package static func ranges(in text: String) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var start: String.Index?
        var isAlone = false
        for index in text.unicodeScalars.indices {
            let kind = Kind(text.unicodeScalars[index])
            // Marks and joiners belong to the character before them.
            if kind == .joining { continue }
            if let begin = start, isAlone || kind != .inWord {
                ranges.append(begin..<index)
                start = nil
            }
            if kind != .between { start = start ?? index }
            isAlone = kind == .alone
        }
        if let start { ranges.append(start..<text.endIndex) }
        return ranges
    }

    package enum Kind {
        /// Part of a word, beside others.
        case inWord
        /// A word of its own.
        case alone
        /// Belongs to what is before it.
        case joining
        case between

        package init(_ scalar: Unicode.Scalar) {
            switch scalar.value {
            // The half-width sound marks of Katakana are letters by their category.
            case 0xFF9E, 0xFF9F: self = .joining
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: self = .inWord
            case ..<0x80: self = .between
            default: self.init(beyondASCII: scalar)
            }
        }

        private init(beyondASCII scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark, .modifierSymbol: self = .joining
            case .otherSymbol, .mathSymbol, .currencySymbol: self = .alone
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                .decimalNumber, .letterNumber, .otherNumber, .privateUse:
                self = WordBreaks.standsAlone(scalar) ? .alone : .inWord
            default:
                // Zero-width joiners and variation selectors; not the spaces and line ends.
                self = scalar.properties.isDefaultIgnorableCodePoint ? .joining : .between
            }
        }
    }

    /// Whether a letter's script has no spaces between words, or particles at their ends.
    private static func standsAlone(_ letter: Unicode.Scalar) -> Bool {
        switch letter.value {
        // Thai, Lao, Tibetan; Myanmar; Hangul; Khmer.
        case 0x0E00...0x0FFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF: true
        // Tai Le to Tai Tham.
        case 0x1950...0x1AAF: true
        // From the radicals of Han over Hiragana, Katakana, Bopomofo and Han to Yi; Hangul; forms for compatibility.
        case 0x2E80...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF66...0xFFDC: true
        // Kana beside the first plane; Han.
        case 0x1B000...0x1B16F, 0x20000...0x3FFFF: true
        default: false
        }
    }
}
