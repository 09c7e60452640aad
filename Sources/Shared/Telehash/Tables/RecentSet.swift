/// What was seen a short while ago: fingerprints, or addresses.
///
/// When it is full the oldest is forgotten before its time: a repeat more, never a message less.
struct RecentSet<Element: Hashable & Sendable>: Sendable {
    private let span: Duration
    private let capacity: Int
    private var elements: Set<Element> = []
    private var arrivals = TimedQueue<Element>()

    init(span: Duration, capacity: Int) {
        self.span = span
        self.capacity = max(capacity, 1)
    }

    var count: Int { elements.count }

    /// Whether it was seen within the span.
    mutating func contains(_ element: Element, now: Instant) -> Bool {
        forget(now: now)
        return elements.contains(element)
    }

    /// `false` when it was there already; its time stays that of the first arrival.
    mutating func insert(_ element: Element, now: Instant) -> Bool {
        forget(now: now)
        guard !elements.contains(element) else { return false }
        // What was removed still has its arrival.
        while arrivals.count >= capacity { removeOldest() }
        elements.insert(element)
        arrivals.insert(element, at: now)
        return true
    }

    /// It counts as not seen.
    mutating func remove(_ element: Element) { elements.remove(element) }

    mutating func removeAll() { self = RecentSet(span: span, capacity: capacity) }

    private mutating func forget(now: Instant) {
        while let oldest = arrivals.first, oldest.at.duration(to: now) >= span { removeOldest() }
    }

    private mutating func removeOldest() {
        guard let oldest = arrivals.first else { return }
        arrivals.removeFirst()
        elements.remove(oldest.element)
        // A set that was large for a while is not so for ever.
        guard elements.capacity > 64, count * 8 < elements.capacity else { return }
        elements = Set(arrivals.elements.filter(elements.contains))
    }
}

/// Things that are due at some time, soonest first. Most come with the same delay each, and so in order already.
struct TimedQueue<Element: Sendable>: Sendable {
    private var items: [(element: Element, at: Instant)] = []
    private var head = 0

    var count: Int { items.count - head }
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

    mutating func popDue(now: Instant) -> Element? {
        guard let first, first.at <= now else { return nil }
        removeFirst()
        return first.element
    }
}
