import Bus
import DequeModule

/// What waits for one store: a lane for what was published here, and one for each peer. They take turns, so that a peer that brings
/// much waits behind its own.
struct StoreLanes {
    private var own = Deque<StoreQueue.Item>()
    private var peers: [Source: Deque<StoreQueue.Item>] = [:]
    /// Those of ``peers``, each once.
    private var turns = Deque<Source>()
    /// What is published here has every second turn.
    private var isTurnOfOwn = true
    private(set) var count = 0

    func count(of source: Source) -> Int { peers[source]?.count ?? 0 }

    mutating func append(_ item: StoreQueue.Item) {
        count += 1
        guard !item.source.isOwn else { return own.append(item) }
        if peers[item.source] == nil { turns.append(item.source) }
        peers[item.source, default: []].append(item)
    }

    mutating func prepend(_ item: StoreQueue.Item) {
        count += 1
        guard !item.source.isOwn else { return own.prepend(item) }
        if peers[item.source] == nil { turns.prepend(item.source) }
        peers[item.source, default: []].prepend(item)
    }

    mutating func popFirst() -> StoreQueue.Item? {
        guard count > 0 else { return nil }
        count -= 1
        defer { isTurnOfOwn.toggle() }
        if isTurnOfOwn || turns.isEmpty, let item = own.popFirst() { return item }
        guard let source = turns.popFirst(), var lane = peers.removeValue(forKey: source) else { return nil }
        let item = lane.popFirst()
        if !lane.isEmpty {
            peers[source] = lane
            turns.append(source)
        }
        return item
    }
}
