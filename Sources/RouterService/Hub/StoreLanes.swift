import Bus
import DequeModule

/// What waits for one store: a lane for what was published here, and one for each peer. They take turns, so that a peer that brings
/// much waits behind its own.
struct StoreLanes {
    private struct Lane {
        var items = Deque<StoreQueue.Item>()
        var bytes = 0

        mutating func append(_ item: StoreQueue.Item) {
            items.append(item)
            bytes += item.bytes
        }

        mutating func prepend(_ item: StoreQueue.Item) {
            items.prepend(item)
            bytes += item.bytes
        }

        mutating func pop(_ end: (inout Deque<StoreQueue.Item>) -> StoreQueue.Item?) -> StoreQueue.Item? {
            guard let item = end(&items) else { return nil }
            bytes -= item.bytes
            return item
        }
    }

    private var own = Lane()
    private var peers: [Source: Lane] = [:]
    /// Those of ``peers``, each once.
    private var turns = Deque<Source>()
    /// What is published here has every second turn.
    private var isTurnOfOwn = true
    private(set) var count = 0

    mutating func append(_ item: StoreQueue.Item) {
        count += 1
        guard !item.source.isOwn else { return own.append(item) }
        if peers[item.source] == nil { turns.append(item.source) }
        peers[item.source, default: Lane()].append(item)
    }

    mutating func prepend(_ item: StoreQueue.Item) {
        count += 1
        guard !item.source.isOwn else { return own.prepend(item) }
        if peers[item.source] == nil { turns.prepend(item.source) }
        peers[item.source, default: Lane()].prepend(item)
    }

    mutating func popFirst() -> StoreQueue.Item? {
        guard count > 0 else { return nil }
        defer { isTurnOfOwn.toggle() }
        if isTurnOfOwn || turns.isEmpty, let item = own.pop({ $0.popFirst() }) {
            count -= 1
            return item
        }
        guard let source = turns.popFirst(), let item = take(from: source, { $0.popFirst() }) else { return nil }
        if peers[source] != nil { turns.append(source) }
        return item
    }

    /// Takes the newest of the peer that has most waiting, if that is more than a source would have with so many bytes more.
    mutating func makeRoom(for bytes: Int, of source: Source) -> StoreQueue.Item? {
        let wanted = source.isOwn ? 0 : (peers[source]?.bytes ?? 0) + bytes
        guard let largest, largest.bytes > wanted else { return nil }
        let item = take(from: largest.source) { $0.popLast() }
        if peers[largest.source] == nil { turns.removeAll { $0 == largest.source } }
        return item
    }

    /// The peer that has most waiting. Only its size: a copy of the lanes that lives while one of them changes makes that one
    /// copy all its items.
    private var largest: (source: Source, bytes: Int)? {
        peers.lazy.map { (source: $0.key, bytes: $0.value.bytes) }.max { $0.bytes < $1.bytes }
    }

    private mutating func take(
        from source: Source, _ end: (inout Deque<StoreQueue.Item>) -> StoreQueue.Item?
    ) -> StoreQueue.Item? {
        guard let item = peers[source]?.pop(end) else { return nil }
        count -= 1
        if peers[source]?.items.isEmpty == true { peers[source] = nil }
        return item
    }
}
