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

        mutating func popFirst() -> StoreQueue.Item? {
            guard let item = items.popFirst() else { return nil }
            bytes -= item.bytes
            return item
        }

        mutating func popLast() -> StoreQueue.Item? {
            guard let item = items.popLast() else { return nil }
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
        if isTurnOfOwn || turns.isEmpty, let item = own.popFirst() {
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
        guard let largest = peers.max(by: { $0.value.bytes < $1.value.bytes }), largest.value.bytes > wanted else {
            return nil
        }
        let item = take(from: largest.key) { $0.popLast() }
        if peers[largest.key] == nil { turns.removeAll { $0 == largest.key } }
        return item
    }

    private mutating func take(
        from source: Source, _ pop: (inout Lane) -> StoreQueue.Item?
    ) -> StoreQueue.Item? {
        // Meanwhile it is nowhere else, so that it is changed in place.
        guard var lane = peers.removeValue(forKey: source), let item = pop(&lane) else { return nil }
        count -= 1
        if !lane.items.isEmpty { peers[source] = lane }
        return item
    }
}
