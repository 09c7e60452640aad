import ServiceRuntime

extension Feed {
    /// RFC 4287, its parts linked by RFC 5005.
    var atom: String {
        var text = XMLText.declaration + "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
        text += XMLText.element("id", address)
        text += XMLText.element("title", title)
        text += XMLText.element("updated", Timestamp.text(updated))
        text += Feed.link("self", address, type: FeedFormat.atom.contentType)
        text += Feed.link("alternate", page, type: "text/html")
        if let next { text += Feed.link("next", next, type: FeedFormat.atom.contentType) }
        text += contact
        if imprint.rules != nil { text += Feed.link("terms-of-service", rulesPage, type: "text/html") }
        text += "<generator version=\"\(XMLText.escape(Version.current))\">p2pmsg</generator>\n"
        for entry in entries { text += Feed.atom(entry) }
        return text + "</feed>\n"
    }

    /// The contact for the feed; each entry has an author of its own.
    private var contact: String {
        guard let contact = imprint.contact else { return "" }
        let place = contact.mail.map { XMLText.element("email", $0) } ?? XMLText.element("uri", contact.link)
        return "<author>\n" + XMLText.element("name", imprint.title ?? contact.text) + place + "</author>\n"
    }

    private static func atom(_ entry: Entry) -> String {
        var text = "<entry>\n"
        text += XMLText.element("id", entry.id)
        text += XMLText.element("title", entry.title)
        text += XMLText.element("published", Timestamp.text(entry.time))
        text += XMLText.element("updated", Timestamp.text(entry.time))
        text += link("alternate", entry.page, type: "text/html")
        text += "<author>\n" + XMLText.element("name", entry.author) + XMLText.element("uri", entry.authorPage)
        text += "</author>\n"
        if let channel = entry.channel { text += "<category term=\"\(XMLText.escape(channel))\"/>\n" }
        text += XMLText.element("content", entry.html, "type=\"html\"")
        return text + "</entry>\n"
    }

    /// RSS 2.0 with the elements of Atom and Dublin Core that validators ask for.
    var rss: String {
        var text = XMLText.declaration + "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "
        text += "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n"
        text += XMLText.element("title", title)
        text += XMLText.element("link", page)
        text += XMLText.element("description", "Messages of a wall that nobody owns.")
        text += Feed.link("self", address, type: FeedFormat.rss.contentType, prefix: "atom:")
        if let next { text += Feed.link("next", next, type: FeedFormat.rss.contentType, prefix: "atom:") }
        if let contact = imprint.contact {
            // RSS takes addresses of mail only.
            if let mail = contact.mail {
                text += XMLText.element("managingEditor", "\(mail) (\(imprint.wallName))")
            } else {
                text += XMLText.element("dc:publisher", contact.text)
            }
        }
        if imprint.rules != nil {
            text += Feed.link("terms-of-service", rulesPage, type: "text/html", prefix: "atom:")
        }
        text += XMLText.element("generator", "p2pmsg \(Version.current)")
        if !entries.isEmpty { text += XMLText.element("lastBuildDate", HTTPDate.text(updated)) }
        for entry in entries { text += Feed.rss(entry) }
        return text + "</channel>\n</rss>\n"
    }

    private static func rss(_ entry: Entry) -> String {
        var text = "<item>\n"
        text += XMLText.element("title", entry.title)
        text += XMLText.element("link", entry.page)
        text += XMLText.element("guid", entry.id, "isPermaLink=\"false\"")
        text += XMLText.element("pubDate", HTTPDate.text(entry.time))
        text += XMLText.element("dc:creator", entry.author)
        if let channel = entry.channel { text += XMLText.element("category", channel) }
        text += XMLText.element("description", entry.html)
        return text + "</item>\n"
    }

    private static func link(_ relation: String, _ address: String, type: String, prefix: String = "") -> String {
        let type = XMLText.escape(String(type.prefix { $0 != ";" }))
        return "<\(prefix)link rel=\"\(relation)\" type=\"\(type)\" href=\"\(XMLText.escape(address))\"/>\n"
    }
}
