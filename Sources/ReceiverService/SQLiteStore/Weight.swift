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
    ///   - words: bytes of its words in the index, as they are given to it: often used ones take half of that, new ones half
    ///     as much again.
    static func of(encoded: Int, words: Int, isNamed: Bool) -> Int64 {
        let rowsOnPage = max(1, ofPage / (ofRow + encoded))
        return Int64(
            PageSource.usualPageBytes / rowsOnPage + ofIndexes + words * 95 / 100 + (isNamed ? ofName : 0))
    }

    /// Of the first message of an author, besides.
    static func ofAuthor(_ key: PublicKey) -> Int64 { Int64(ofAuthor + 2 * key.text.utf8.count) }

    /// Of a message that came before its words were counted: a text is most of what a message has beside its key and
    /// signature.
    static func ofOlder(encoded: Int) -> Int64 { of(encoded: encoded, words: max(0, encoded - 250), isNamed: false) }
}
