import Messages

/// What a ``SearchQuery`` looks for, folded once for all texts that it is compared with.
package struct SearchPattern: Hashable, Sendable {
    /// Words in a row.
    package struct Phrase: Hashable, Sendable {
        /// Folded as ``SearchWords`` does, at least one.
        package let words: [String]
        /// Whether the last one is only the beginning of a word.
        package let isPrefix: Bool

        /// - Returns: nil where nothing is left of the words: of a sign that only makes another longer, say.
        init?(_ phrase: SearchQuery.Phrase) {
            words = phrase.words.map { SearchWords.fold($0[...]) }.filter { !$0.isEmpty }
            guard let last = words.last else { return nil }
            // The beginning of one letter would be that of half of all words.
            isPrefix = phrase.hasStar && last.unicodeScalars.count > 1
        }
    }

    package let wanted: [Phrase]
    package let unwanted: [Phrase]

    package init(_ query: SearchQuery) {
        wanted = query.wanted.compactMap { Phrase($0) }
        unwanted = query.unwanted.compactMap { Phrase($0) }
    }

    /// The places of what is wanted in a text, in their order, none over another: what a page marks.
    package func matches(in text: String) -> [Range<String.Index>] {
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
    package func holds(for text: String) -> Bool {
        let words = SearchWords.words(of: text)
        func has(_ phrase: Phrase) -> Bool { words.indices.contains { phrase.matches(words[$0...]) } }
        return !wanted.isEmpty && wanted.allSatisfy(has) && !unwanted.contains(where: has)
    }
}

extension SearchPattern.Phrase {
    fileprivate func matches(_ words: ArraySlice<SearchWords.Word>) -> Bool {
        guard words.count >= self.words.count else { return false }
        for (wanted, word) in zip(self.words.dropLast(), words) where wanted != word.folded { return false }
        guard let last = self.words.last else { return false }
        let word = words[words.startIndex + self.words.count - 1].folded
        return isPrefix ? word.hasPrefix(last) : word == last
    }
}
