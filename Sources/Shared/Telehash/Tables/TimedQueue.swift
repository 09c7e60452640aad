/// Things that are due at some time, soonest first. Most come with the same delay each, and so in order already.
struct TimedQueue<Element: Sendable>: Sendable {
    private var items: [(element: Element, at: Instant)] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }
    var first: (element: Element, at: Instant)? { isEmpty ? nil : items[head] }
    /// When the first is due.
    var deadline: Instant { first?.at ?? .distantFuture }
    var elements: [Element] { items[head...].map(\.element) }

    mutating func insert(_ element: Element, at: Instant) {
        var position = items.count
        while position > head, items[position - 1].at > at { position -= 1 }
        items.insert((element, at), at: position)
    }

    mutating func removeFirst() {
        guard !isEmpty else { return }
        head += 1
        if isEmpty {
            items.removeAll(keepingCapacity: items.capacity <= 64)
            head = 0
        } else if head >= 256, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
    }

    /// Removes and returns the first element if it is due.
    mutating func popDue(now: Instant) -> Element? {
        guard let first, first.at <= now else { return nil }
        removeFirst()
        return first.element
    }
}
