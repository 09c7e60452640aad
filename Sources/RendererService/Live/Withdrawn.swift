import Bus
import BusClient
import Messages

/// What the operator has lately taken off the wall: whatever of it still waits for a reader is not sent, and readers who
/// were away then are told when they come back.
struct Withdrawn {
    private struct Entry {
        let hidden: LiveEvent.Hidden
        /// The newest message that the feed had brought; nil where none is known.
        let place: EventID?
    }

    /// The newest ``Limits/withdrawn`` of them, oldest first.
    private var entries: [Entry] = []
    private var all: Set<LiveEvent.Hidden> = []

    var count: Int { entries.count }

    func holds(_ message: SignedMessage) -> Bool {
        all.contains(.message(message.id)) || all.contains(.author(message.key))
    }

    /// - Parameter place: the newest message that the feed has brought.
    /// - Returns: what is taken off by these rules.
    mutating func take(_ rules: [Rule], at place: EventID?) -> [LiveEvent.Hidden] {
        rules.compactMap { rule in
            let hidden: LiveEvent.Hidden
            switch rule.subject {
            case .message(let id): hidden = .message(id)
            case .key(let key): hidden = .author(key)
            // What an author is called, and the like, takes nothing off.
            default: return nil
            }
            if all.remove(hidden) != nil { entries.removeAll { $0.hidden == hidden } }
            guard rule.isActive else { return nil }
            if entries.count == Limits.withdrawn { all.remove(entries.removeFirst().hidden) }
            all.insert(hidden)
            entries.append(Entry(hidden: hidden, place: place))
            return hidden
        }
    }

    /// What a reader may have, who has everything up to a place. A reader who has what came after it was hidden has been told, or
    /// has a page that is newer.
    func hidden(since last: EventID) -> [LiveEvent.Hidden] {
        entries.compactMap { entry in
            guard let place = entry.place, place.store == last.store, place.position < last.position else {
                return entry.hidden
            }
            return nil
        }
    }
}
