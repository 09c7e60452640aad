/// The nearest of some known words to a misspelt one.
package enum Suggestion {
    /// - Returns: the known word with the fewest edits, if they are few enough to be a typo.
    package static func nearest(to word: String, among known: [String]) -> String? {
        let scored = known.map { (distance: editDistance(word, $0), word: $0) }
        // A word of two letters is two edits away from every other one: half of it must still be right.
        let allowed = min(Limits.suggestionEdits, word.count / 2)
        return scored.filter { $0.distance <= allowed }.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    /// Levenshtein distance in characters.
    static func editDistance(_ left: String, _ right: String) -> Int {
        let columns = Array(right)
        var row = Array(0...columns.count)
        for (lineIndex, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = lineIndex + 1
            for column in columns.indices {
                let replaced = diagonal + (columns[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[columns.count]
    }
}
