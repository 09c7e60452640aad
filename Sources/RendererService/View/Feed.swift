import Bus
import Messages
import ServiceRuntime
import TelehashWire

enum FeedFormat: String, CaseIterable, Sendable {
    case atom, rss, json

    var fileName: String { "feed.\(rawValue)" }

    var contentType: String {
        switch self {
        case .atom: "application/atom+xml; charset=utf-8"
        case .rss: "application/rss+xml; charset=utf-8"
        case .json: "application/feed+json"
        }
    }

    /// - Parameter fileName: as in ``fileName``; `nil` for anything else.
    init?(fileName: String) {
        guard let format = FeedFormat.allCases.first(where: { $0.fileName == fileName }) else { return nil }
        self = format
    }
}

/// A part of a listing for programs that read for people. Every address in it is a whole one.
struct Feed: Sendable {
    let title: String
    let imprint: Imprint
    /// Where the rules are, if there are any.
    let rulesPage: String
    let page: String
    let address: String
    /// The feed's next part, where there are older messages.
    let next: String?
    let entries: [Entry]

    struct Entry: Sendable {
        let stored: StoredMessage
        let text: FeedText
        /// Name and key of who wrote it.
        let author: String
        let page: String
        let authorPage: String

        /// Names the message, wherever it is read: two nodes' feeds have it under one name (RFC 4151).
        var id: String { "tag:p2pmsg,2011:\(stored.message.id.hex)" }

        /// The channel's name, where the store knows it.
        var channel: String? {
            stored.channel ?? (stored.message.end == Channel.tweets.end ? Channel.tweets.name : nil)
        }
    }

    /// When the newest of its messages came; the first moment of 1970 where there is none.
    private var updated: Int64 { entries.map(\.stored.receivedAt).max() ?? 0 }

    func text(as format: FeedFormat) -> String {
        switch format {
        // RFC 4287, its parts linked by RFC 5005.
        case .atom: Templates.shared.render(.atom, values)
        // RSS 2.0 with the elements of Atom and Dublin Core that validators ask for. It takes addresses of mail only.
        case .rss: Templates.shared.render(.rss, values)
        case .json: json
        }
    }

    /// For the templates. The contact is the feed's; each entry has an author of its own.
    private var values: [String: Any?] {
        [
            "title": title, "page": page, "address": address, "next": next, "version": Version.current,
            "contact": imprint.contact?.text, "contactLink": imprint.contact?.link, "mail": imprint.contact?.mail,
            "contactName": imprint.title ?? imprint.contact?.text, "wallName": imprint.wallName,
            "rulesPage": imprint.rules == nil ? nil : rulesPage, "updated": Timestamp.text(updated),
            "built": entries.isEmpty ? nil : HTTPDate.text(updated),
            "entries": entries.map { entry in
                Templates.present([
                    "id": entry.id, "title": entry.text.title, "page": entry.page, "author": entry.author,
                    "authorPage": entry.authorPage, "time": Timestamp.text(entry.stored.sortTime),
                    "date": HTTPDate.text(entry.stored.sortTime), "channel": entry.channel, "xml": entry.text.xml,
                ])
            },
        ]
    }
}

extension Feed {
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
        json.member("content_html", entry.text.html)
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
