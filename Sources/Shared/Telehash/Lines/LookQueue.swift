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
