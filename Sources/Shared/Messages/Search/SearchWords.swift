import Foundation

/// What of a text can be searched for: its words, each in one spelling whatever its case, accents and width.
///
/// Scripts that are written without spaces between words (Chinese, Japanese, Thai…), and Korean, whose words carry their
/// particles, have every character as a word: whoever searches for several in a row finds them in a row. A pictograph is a
/// word, too.
public enum SearchWords {
    /// One word of a text.
    public struct Word: Hashable, Sendable {
        /// As it is compared: never empty, without white space and quotation marks.
        public let folded: String
        /// Where it stands in the text.
        public let range: Range<String.Index>
    }

    /// The words of a text in their order.
    public static func words(of text: String) -> [Word] {
        var words: [Word] = []
        var start: String.Index?
        let scalars = text.unicodeScalars
        func end(at index: String.Index) {
            if let begin = start { append(begin..<index, of: text, to: &words) }
            start = nil
        }
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let next = scalars.index(after: index)
            switch Kind(scalars[index]) {
            case .inWord: start = start ?? index
            case .joining: break
            case .alone:
                end(at: index)
                start = index
                // Marks and joiners belong to the character before them.
                var after = next
                while after < scalars.endIndex, Kind(scalars[after]) == .joining { after = scalars.index(after: after) }
                end(at: after)
                index = after
                continue
            case .between: end(at: index)
            }
            index = next
        }
        end(at: scalars.endIndex)
        return words
    }

    /// The words of a text with one space between them: what an index is given.
    public static func indexed(_ text: String) -> String {
        words(of: text).lazy.map(\.folded).joined(separator: " ")
    }

    private static func append(_ range: Range<String.Index>, of text: String, to words: inout [Word]) {
        let folded = fold(text[range])
        if !folded.isEmpty { words.append(Word(folded: folded, range: range)) }
    }

    /// Without case, accents, width and other ways of writing one letter.
    static func fold(_ word: Substring) -> String {
        if word.utf8.allSatisfy({ $0 < 0x80 }) { return word.lowercased() }
        // Upper case first: that of ß is SS, and both kinds of small sigma have one.
        let folded = word.uppercased().lowercased().decomposedStringWithCompatibilityMapping
        var kept = String.UnicodeScalarView()
        for scalar in folded.unicodeScalars where !isDropped(scalar) {
            if let plain = PlainLetters.plain(scalar) {
                kept.append(contentsOf: plain.unicodeScalars)
            } else {
                kept.append(scalar)
            }
        }
        return String(kept).precomposedStringWithCanonicalMapping
    }

    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Accents, and what encloses a character.
        case 0x0300...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: true
        // The points of Hebrew.
        case 0x0591...0x05C7: true
        // Tatweel, which only makes an Arabic word longer.
        case 0x0640: true
        // The signs of Arabic, which most write without.
        case 0x0610...0x06FF, 0x08A0...0x08FF: scalar.properties.generalCategory == .nonspacingMark
        // Colours of skin.
        case 0x1F3FB...0x1F3FF: true
        default: Kind(scalar) == .between || scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private enum Kind {
        /// Part of a word, beside others.
        case inWord
        /// A word of its own.
        case alone
        /// Belongs to what is before it.
        case joining
        case between

        init(_ scalar: Unicode.Scalar) {
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
                self = SearchWords.standsAlone(scalar) ? .alone : .inWord
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
