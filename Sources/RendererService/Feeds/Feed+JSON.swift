import ServiceRuntime

extension Feed {
    /// JSON Feed 1.1.
    var json: String {
        var fields = [
            ("version", JSONText.quoted("https://jsonfeed.org/version/1.1")), ("title", JSONText.quoted(title)),
            ("home_page_url", JSONText.quoted(page)), ("feed_url", JSONText.quoted(address)),
        ]
        if let next { fields.append(("next_url", JSONText.quoted(next))) }
        if let contact = imprint.contact {
            var author = [("name", JSONText.quoted(imprint.title ?? contact.text))]
            author.append(("url", JSONText.quoted(contact.link)))
            fields.append(("authors", "[\(Feed.object(author))]"))
        }
        if imprint.rules != nil { fields.append(("_p2pmsg", Feed.object([("rules", JSONText.quoted(rulesPage))]))) }
        fields.append(("items", "[" + entries.map(Feed.json).joined(separator: ",\n") + "]"))
        return Feed.object(fields) + "\n"
    }

    private static func json(_ entry: Entry) -> String {
        let author = object([("name", JSONText.quoted(entry.author)), ("url", JSONText.quoted(entry.authorPage))])
        var fields = [
            ("id", JSONText.quoted(entry.id)), ("url", JSONText.quoted(entry.page)),
            ("content_text", JSONText.quoted(TextHTML.withPlainNewlines(entry.stored.message.text))),
            ("content_html", JSONText.quoted(entry.html)),
            ("date_published", JSONText.quoted(Timestamp.text(entry.time))), ("authors", "[\(author)]"),
        ]
        if let channel = entry.channel { fields.append(("tags", "[\(JSONText.quoted(channel))]")) }
        return object(fields)
    }

    /// - Parameter fields: names without anything to escape, and values as JSON.
    private static func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
}
