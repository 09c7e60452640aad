import Foundation
import Messages

/// What of a text can be searched for: its words, each in one spelling whatever its case, accents and width.
///
/// Scripts that are written without spaces between words (Chinese, Japanese, Thai…), and Korean, whose words carry their
/// particles, have every character as a word: whoever searches for several in a row finds them in a row. A pictograph is a
/// word, too.
package enum SearchWords {
    /// One word of a text.
    package struct Word: Hashable, Sendable {
        /// As it is compared: never empty, without white space and quotation marks.
        package let folded: String
        /// Where it stands in the text.
        package let range: Range<String.Index>
    }

    /// The words of a text in their order.
    package static func words(of text: String) -> [Word] { words(of: text, stretching: false) }

    private static func words(of text: String, stretching: Bool) -> [Word] {
        WordBreaks.ranges(in: text).compactMap { range in
            let folded = stretching ? foldWhole(text[range]) : fold(text[range])
            return folded.isEmpty ? nil : Word(folded: folded, range: range)
        }
    }

    /// The words of a text with one space between them: what an index is given. None has more than twice the bytes that it has
    /// in the text.
    ///
    /// - Parameter stretching: as it was before there was that bound.
    package static func indexed(_ text: String, stretching: Bool = false) -> String {
        words(of: text, stretching: stretching).lazy.map(\.folded).joined(separator: " ")
    }

    /// Without case, accents, width and other ways of writing one letter; but a character that stands for much more than
    /// itself (U+FDFA for four Arabic words) stays as it is.
    static func fold(_ word: Substring) -> String {
        guard word.unicodeScalars.contains(where: stretches) else { return foldWhole(word) }
        var folded = ""
        var start = word.startIndex
        for index in word.unicodeScalars.indices where stretches(word.unicodeScalars[index]) {
            folded += foldWhole(word[start..<index])
            folded.unicodeScalars.append(word.unicodeScalars[index])
            start = word.unicodeScalars.index(after: index)
        }
        return folded + foldWhole(word[start...])
    }

    private static func foldWhole(_ word: Substring) -> String {
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
        default: WordBreaks.Kind(scalar) == .between || scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
