import Messages

/// The ids of the messages that were stored last, as many as fit; the oldest makes room for the newest.
struct RecentIDs {
    private var members: Set<MessageID> = []
    /// A ring of the same ids in the order in which they came.
    private var order: [MessageID] = []
    private var oldest = 0
    private let capacity: Int

    /// - Parameter capacity: 1 or more.
    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { members.count }

    func contains(_ id: MessageID) -> Bool { members.contains(id) }

    mutating func insert(_ id: MessageID) {
        guard members.insert(id).inserted else { return }
        if order.count < capacity {
            order.append(id)
        } else {
            members.remove(order[oldest])
            order[oldest] = id
            oldest = (oldest + 1) % capacity
        }
    }
}
