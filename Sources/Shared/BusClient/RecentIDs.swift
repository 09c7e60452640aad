import Messages

/// The ids that came last, in constant memory.
struct RecentIDs {
    private var ring: [MessageID] = []
    private var known: Set<MessageID> = []
    private var next = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// False when it was there already.
    mutating func insert(_ id: MessageID) -> Bool {
        guard known.insert(id).inserted else { return false }
        if ring.count < capacity {
            ring.append(id)
        } else {
            known.remove(ring[next])
            ring[next] = id
            next = (next + 1) % capacity
        }
        return true
    }
}
