import TelehashWire

/// Whose signals a copy carries: what others pour in must leave room for those who are less to blame.
enum SignalOrigin: Sendable {
    case stranger, peer, ourselves
}

/// Signals that wait for the window of their line to open.
struct SignalQueue: Sendable {
    struct Item: Sendable {
        let signals: Signals
        let hop: Int
        /// The publication to which the copy belongs, if its delivery is followed.
        let publication: PublicationHandle?
    }

    private(set) var items: [Item] = []
    private(set) var byteCount: Int32 = 0

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    /// The oldest item.
    var first: Item? { items.first }

    /// `false` when the queue is as full as signals from there may make it.
    mutating func append(_ item: Item, from origin: SignalOrigin, limits: Limits) -> Bool {
        let room =
            switch origin {
            case .stranger: limits.lines.strangerQueuedTelexes
            case .peer: limits.lines.relayedQueuedTelexes
            case .ourselves: limits.lines.queuedTelexes
            }
        let size = item.signals.encodedByteCount
        guard count < min(room, limits.lines.queuedTelexes), Int(byteCount) + size <= limits.lines.queuedBytes else {
            return false
        }
        items.append(item)
        byteCount += Int32(size)
        return true
    }

    mutating func removeFirst() {
        guard let first else { return }
        byteCount -= Int32(first.signals.encodedByteCount)
        items.removeFirst()
        // Lines are many, and on most of them nothing more waits.
        if isEmpty { items = [] }
    }

    mutating func removeAll() { self = SignalQueue() }
}

/// When each proven line is to be looked at: a binary heap, soonest first.
///
/// A line that has to be looked at sooner than planned is entered once more; the later entry finds that it is no longer
/// the line's ``Line/lookAt``.
struct LookQueue: Sendable {
    struct Entry: Sendable {
        let line: LineTable.Handle
        let at: Instant
    }

    private var heap: [Entry] = []

    var count: Int { heap.count }
    var first: Entry? { heap.first }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].at < heap[parent].at else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first entry out if its time has come.
    mutating func popDue(now: Instant) -> Entry? {
        guard let first = heap.first, first.at <= now, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var soonest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[soonest].at
            {
                soonest = child
            }
            if soonest == parent { return first }
            heap.swapAt(parent, soonest)
            parent = soonest
        }
    }

    /// Gives memory back.
    mutating func trim() { heap.giveBackRoom() }

    mutating func removeAll() {
        heap.removeAll()
    }
}
