import Messages

/// What of a message stands in feeds, wherever they are read.
struct FeedText: Sendable {
    /// The beginning of the text on one line: readers list titles, and a message has none.
    let title: String
    /// The text as HTML in which lines are lines without a style, and what speaks against its author or its time.
    let html: String
    /// The same, escaped for XML.
    let xml: String

    init(_ stored: StoredMessage) {
        title = FeedText.title(of: stored.message.text)
        html =
            "<p>\(TextHTML.render(stored.message.text))</p>"
            + FeedText.doubts(about: stored).map { "<p><em>\($0)</em></p>" }.joined()
        xml = XMLEscaping().escapeText(html)
    }

    private static func title(of text: String) -> String {
        let words = text.split { $0.isWhitespace || $0.isNewline }
        let line = words.joined(separator: " ").unicodeScalars
        let title = String(String.UnicodeScalarView(line.prefix(Limits.feedTitle)))
        // A text of 2011 may consist of nothing but blanks.
        return line.isEmpty || line.count > Limits.feedTitle ? title + "…" : title
    }

    private static func doubts(about stored: StoredMessage) -> [String] {
        var doubts: [String] = []
        if stored.message.scheme == .legacy {
            doubts.append("2011 · forgeable: anybody may have written this.")
        }
        if let at = stored.message.at, stored.millisecondsAhead != nil {
            doubts.append("Clock ahead: written \(When.text(at)), came \(When.text(stored.receivedAt)).")
        }
        return doubts
    }
}
