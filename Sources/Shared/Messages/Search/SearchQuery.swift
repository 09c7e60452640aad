/// What somebody searches for: words that must all be there, in any order, and words that must not.
///
/// `coffee "red cat" -dog sign*`: a word, words in a row, none of these, and what begins so (with two letters or more). Everything that has no meaning
/// here is taken as white space, so that nobody has to quote anything; a word that consists of several (`example.org`) is
/// found with these in a row.
package struct SearchQuery: Hashable, Sendable {
    /// Words in a row.
    package struct Phrase: Hashable, Sendable {
        /// As they were written, at least one.
        package let words: [String]
        /// Whether a star follows the last one.
        package let hasStar: Bool
    }

    /// As it was written, without white space around it.
    package let text: String
    /// At least one.
    package let wanted: [Phrase]
    package let unwanted: [Phrase]

    /// - Throws: ``SearchError`` where the text has no word to look for, or is too long.
    package init(_ text: String) throws(SearchError) {
        var parser = Parser(rest: Substring(text))
        self.text = parser.trimmed()
        guard self.text.utf8.count <= MessageLimits.searchBytes else { throw .tooLong(self.text.utf8.count) }
        let phrases = parser.phrases()
        wanted = phrases.filter { !$0.isUnwanted }.map(\.phrase)
        unwanted = phrases.filter(\.isUnwanted).map(\.phrase)
        guard !wanted.isEmpty else { throw .noWord(hasUnwanted: !unwanted.isEmpty) }
    }
}

/// Why nothing can be searched for.
package enum SearchError: Error, Hashable, Sendable, CustomStringConvertible {
    case noWord(hasUnwanted: Bool)
    /// With so many bytes.
    case tooLong(Int)

    package var description: String {
        switch self {
        case .noWord(hasUnwanted: false): "a search needs at least one word"
        case .noWord(hasUnwanted: true):
            "a search needs at least one word that must be there, besides those that must not"
        case .tooLong(let bytes):
            "a search has at most \(MessageLimits.searchBytes) bytes; this one is \(bytes - MessageLimits.searchBytes) longer"
        }
    }
}

/// Reads the parts of a query from left to right.
private struct Parser {
    var rest: Substring

    struct Part {
        let phrase: SearchQuery.Phrase
        let isUnwanted: Bool
    }

    mutating func trimmed() -> String {
        skipSpace()
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    mutating func phrases() -> [Part] {
        var parts: [Part] = []
        while !rest.isEmpty {
            let isUnwanted = rest.first == "-" && rest.dropFirst().first?.isWhitespace == false
            if isUnwanted { rest.removeFirst() }
            let content = isQuote(rest.first) ? quoted() : word()
            let text = String(content)
            let words = WordBreaks.ranges(in: text).map { String(text[$0]) }
            if !words.isEmpty {
                let phrase = SearchQuery.Phrase(words: words, hasStar: content.last == "*")
                parts.append(Part(phrase: phrase, isUnwanted: isUnwanted))
            }
            skipSpace()
        }
        return parts
    }

    private mutating func skipSpace() {
        rest = rest.drop(while: \.isWhitespace)
    }

    /// A quotation that nobody ends goes to the end.
    private mutating func quoted() -> Substring {
        rest.removeFirst()
        let content = rest.prefix { !isQuote($0) }
        rest = rest[content.endIndex...].dropFirst()
        guard rest.first == "*" else { return content }
        rest.removeFirst()
        return content + "*"
    }

    private mutating func word() -> Substring {
        let content = rest.prefix { !$0.isWhitespace && !isQuote($0) }
        rest = rest[content.endIndex...]
        return content
    }

    private func isQuote(_ character: Character?) -> Bool {
        switch character {
        case "\"", "“", "”", "„", "«", "»": true
        default: false
        }
    }
}
