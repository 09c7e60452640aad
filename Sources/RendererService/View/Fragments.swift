import Bus
import Messages
import ServiceRuntime
import TextSearch

/// Rendered messages, by id and everything about them that changes, so nothing here is ever stale.
final class Fragments: Sendable {
    private struct Key: Hashable {
        let id: MessageID
        // Stores of one message differ in when they saw it and in what they call its channel.
        let receivedAt: Int64
        let channel: String?
        let author: AuthorName

        init(_ row: Row) {
            (id, receivedAt) = (row.stored.message.id, row.stored.receivedAt)
            (channel, author) = (row.stored.channel, row.author)
        }
    }

    private let base: BasePath
    private let messages = Kept<Key, String>(Limits.fragments)
    private let feedTexts = Kept<Key, FeedText>(Limits.fragments)

    init(base: BasePath) { self.base = base }

    /// A message among those that were searched for: not kept, the next search is another one.
    func html(of row: Row, marking search: SearchPattern) -> String {
        Templates.shared.render(.message, view(of: row, marking: search).values)
    }

    private func view(of row: Row, marking search: SearchPattern? = nil) -> MessageView {
        MessageView(stored: row.stored, author: row.author, base: base, search: search)
    }

    func html(of row: Row) -> String {
        messages.value(of: Key(row)) { Templates.shared.render(.message, view(of: row).values) }
    }

    /// How many have to be rendered.
    func missing(of rows: [Row]) -> Int { rows.count { !messages.contains(Key($0)) } }
    func missingFeedTexts(of rows: [Row]) -> Int { rows.count { !feedTexts.contains(Key($0)) } }

    func feedText(of row: Row) -> FeedText { feedTexts.value(of: Key(row)) { FeedText(row.stored) } }
}
