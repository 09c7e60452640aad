import Messages

/// What a message takes of a store's file, in bytes.
///
/// It is an estimate, made once and kept with the message, so that what is taken away is what was added. Trees are taken to
/// be as full as they are after many commits, and words to be as often new as those of people: a test holds it against files.
enum Weight {
    /// The row beside the message.
    private static let ofRow = 70
    /// What rows share of a page, beside the seal and the page's own header.
    private static let ofPage = 4_032
    /// The entries in the indexes.
    private static let ofIndexes = 105
    /// An entry of the index of names, and the name in the row.
    private static let ofName = 25
    /// The author's row and the index of keys, beside the key.
    private static let ofAuthor = 60

    /// - Parameters:
    ///   - encoded: bytes of the binary form.
    ///   - words: ``ofWords(_:)``.
    static func of(encoded: Int, words: Int, isNamed: Bool) -> Int64 {
        // On average half a row does not fit any more.
        let row = min(ofRow + encoded, ofPage)
        return Int64(
            PageSource.usualPageBytes * row / (ofPage - row / 2) + ofIndexes + words * 19 / 20
                + (isNamed ? ofName : 0))
    }

    /// Of the words of a message in the index: each once as long as it is, which is less for one that many use and more for a
    /// new one, and a byte for each time that it comes again.
    ///
    /// - Parameter words: as they are given to the index.
    static func ofWords(_ words: String) -> Int {
        var seen: Set<Substring> = []
        return words.split(separator: " ").reduce(0) { $0 + (seen.insert($1).inserted ? $1.utf8.count + 1 : 1) }
    }

    /// Of the first message of an author, besides.
    static func ofAuthor(_ key: PublicKey) -> Int64 { Int64(ofAuthor + 2 * key.text.utf8.count) }

    /// Of a message that came before its words were counted: a text is most of what a message has beside its key and
    /// signature.
    static func ofOlder(encoded: Int) -> Int64 { of(encoded: encoded, words: max(0, encoded - 250), isNamed: false) }
}
