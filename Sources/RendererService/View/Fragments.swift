import Bus
import Messages
import ServiceRuntime
import Synchronization
import TextSearch

/// Rendered messages, by id and everything about them that changes, so nothing here is ever stale; the old half is
/// forgotten when the young one is full.
final class Fragments: Sendable {
    private struct Key: Hashable {
        let id: MessageID
        // Stores of one message differ in when they saw it and in what they call its channel.
        let receivedAt: Int64
        let channel: String?
        let author: AuthorName
    }

    private struct Generations {
        var young: [Key: String] = [:]
        var old: [Key: String] = [:]
    }

    private let base: BasePath
    private let generations = Mutex(Generations())

    init(base: BasePath) { self.base = base }

    /// A message among those that were searched for: not kept, the next search is another one.
    func html(of row: Row, marking search: SearchPattern) -> String {
        Templates.shared.render(.message, view(of: row, marking: search).values)
    }

    private func view(of row: Row, marking search: SearchPattern? = nil) -> MessageView {
        MessageView(stored: row.stored, author: row.author, base: base, search: search)
    }

    func html(of row: Row) -> String {
        let stored = row.stored
        let key = Key(
            id: stored.message.id, receivedAt: stored.receivedAt, channel: stored.channel, author: row.author)
        if let known = generations.withLock({ $0.young[key] ?? $0.old[key] }) { return known }
        let html = Templates.shared.render(.message, view(of: row).values)
        generations.withLock { generations in
            generations.young[key] = html
            guard generations.young.count >= Limits.fragments / 2 else { return }
            generations.old = generations.young
            generations.young = [:]
        }
        return html
    }
}
