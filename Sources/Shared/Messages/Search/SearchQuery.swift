/// What somebody searches for: words that must all be there, in any order, and words that must not.
///
/// `coffee "red cat" -dog sign*`: a word, words in a row, none of these, and what begins so (with two letters or more). Everything that has no meaning
/// here is taken as white space, so that nobody has to quote anything; a word that consists of several (`example.org`) is
/// found with these in a row.
public struct SearchQuery: Hashable, Sendable {
    /// Words in a row.
    public struct Phrase: Hashable, Sendable {
        /// Folded as ``SearchWords`` does, at least one.
        public let words: [String]
        /// Whether the last one is only the beginning of a word.
        public let isPrefix: Bool
    }

    /// As it was written, without white space around it.
    public let text: String
    /// At least one.
    public let wanted: [Phrase]
    public let unwanted: [Phrase]

    /// - Throws: ``SearchError`` where the text has no word to look for, or is too long.
    public init(_ text: String) throws(SearchError) {
        var parser = Parser(rest: Substring(text))
        self.text = parser.trimmed()
        guard self.text.utf8.count <= MessageLimits.searchBytes else { throw .tooLong(self.text.utf8.count) }
        let phrases = parser.phrases()
        wanted = phrases.filter { !$0.isUnwanted }.map(\.phrase)
        unwanted = phrases.filter(\.isUnwanted).map(\.phrase)
        guard !wanted.isEmpty else { throw .noWord(hasUnwanted: !unwanted.isEmpty) }
    }

    /// The places of what is wanted in a text, in their order, none over another: what a page marks.
    public func matches(in text: String) -> [Range<String.Index>] {
        let words = SearchWords.words(of: text)
        var isMarked = [Bool](repeating: false, count: words.count)
        for phrase in wanted {
            for start in words.indices where phrase.matches(words[start...]) {
                for position in start..<(start + phrase.words.count) { isMarked[position] = true }
            }
        }
        var ranges: [Range<String.Index>] = []
        for (word, _) in zip(words, isMarked).filter(\.1) {
            // What stands in a row without anything between is one mark.
            if let last = ranges.last, last.upperBound == word.range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<word.range.upperBound
            } else {
                ranges.append(word.range)
            }
        }
        return ranges
    }

    /// Whether a text has what is wanted and nothing of what is not.
    public func holds(for text: String) -> Bool {
        let words = SearchWords.words(of: text)
        func has(_ phrase: Phrase) -> Bool { words.indices.contains { phrase.matches(words[$0...]) } }
        return wanted.allSatisfy(has) && !unwanted.contains(where: has)
    }
}

extension SearchQuery.Phrase {
    fileprivate func matches(_ words: ArraySlice<SearchWords.Word>) -> Bool {
        guard words.count >= self.words.count else { return false }
        for (wanted, word) in zip(self.words.dropLast(), words) where wanted != word.folded { return false }
        guard let last = self.words.last else { return false }
        let word = words[words.startIndex + self.words.count - 1].folded
        return isPrefix ? word.hasPrefix(last) : word == last
    }
}

/// Why nothing can be searched for.
public enum SearchError: Error, Hashable, Sendable, CustomStringConvertible {
    case noWord(hasUnwanted: Bool)
    /// With so many bytes.
    case tooLong(Int)

    public var description: String {
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
            let words = SearchWords.words(of: String(content)).map(\.folded)
            if !words.isEmpty {
                // The beginning of one letter would be that of half of all words.
                let isPrefix = content.last == "*" && (words.last?.unicodeScalars.count ?? 0) > 1
                parts.append(Part(phrase: .init(words: words, isPrefix: isPrefix), isUnwanted: isUnwanted))
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
