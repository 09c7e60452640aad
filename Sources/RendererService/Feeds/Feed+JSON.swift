import ServiceRuntime
import TelehashWire

extension Feed {
    /// JSON Feed 1.1.
    var json: String {
        var json = JSONWriter(.page)
        json.member("version", "https://jsonfeed.org/version/1.1")
        json.member("title", title)
        json.member("home_page_url", page)
        json.member("feed_url", address)
        if let next { json.member("next_url", next) }
        if let contact = imprint.contact {
            json.member("authors", array: [contact]) { json, contact in
                Feed.write(author: imprint.title ?? contact.text, page: contact.link, to: &json)
            }
        }
        if imprint.rules != nil { json.member("_p2pmsg") { $0.member("rules", rulesPage) } }
        json.member("items", array: entries.enumerated()) { json, item in
            if item.offset > 0 { json.write(literal: "\n") }
            json.object { Feed.write(item.element, to: &$0) }
        }
        return json.object + "\n"
    }

    private static func write(_ entry: Entry, to json: inout JSONWriter) {
        json.member("id", entry.id)
        json.member("url", entry.page)
        json.member("content_text", TextHTML.withPlainNewlines(entry.stored.message.text))
        json.member("content_html", entry.html)
        json.member("date_published", Timestamp.text(entry.stored.sortTime))
        json.member("authors", array: [entry]) { json, entry in
            write(author: entry.author, page: entry.authorPage, to: &json)
        }
        if let channel = entry.channel { json.member("tags", [channel]) }
    }

    private static func write(author name: String, page: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("url", page)
        }
    }
}
