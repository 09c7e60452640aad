import Bus
import Messages
import ServiceRuntime

/// The kinds of feeds that readers understand.
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
    /// The page that the feed is of.
    let page: String
    /// The feed itself.
    let address: String
    /// The feed's next part, where there are older messages.
    let next: String?
    let entries: [Entry]

    struct Entry: Sendable {
        let stored: StoredMessage
        /// Name and key of who wrote it.
        let author: String
        /// The permalink.
        let page: String
        /// The page of its author.
        let authorPage: String

        /// Names the message, wherever it is read: two nodes' feeds have it under one name (RFC 4151).
        var id: String { "tag:p2pmsg,2011:\(stored.message.id.hex)" }

        /// The beginning of the text on one line: readers list titles, and a message has none.
        var title: String {
            let words = stored.message.text.split { $0.isWhitespace || $0.isNewline }
            var title = String.UnicodeScalarView()
            var count = 0
            for scalar in words.joined(separator: " ").unicodeScalars {
                if count == Limits.feedTitle {
                    title.append("…")
                    break
                }
                title.append(scalar)
                count += 1
            }
            // A text of 2011 may consist of nothing but blanks.
            return title.isEmpty ? "…" : String(title)
        }

        /// The text as HTML in which lines are lines without a style.
        var html: String { "<p>\(TextHTML.render(stored.message.text))</p>" }

        var time: Int64 { stored.sortTime }

        /// The channel's name, where the store knows it.
        var channel: String? {
            stored.channel ?? (stored.message.end == Channel.tweets.end ? Channel.tweets.name : nil)
        }
    }

    /// When the newest of its messages came; the first moment of 1970 where there is none.
    var updated: Int64 { entries.map(\.stored.receivedAt).max() ?? 0 }

    func text(as format: FeedFormat) -> String {
        switch format {
        case .atom: atom
        case .rss: rss
        case .json: json
        }
    }
}
