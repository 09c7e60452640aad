import Telehash

/// What will happen, in the order of its time; of things at one time, in the order in which they were planned.
///
/// A binary heap of small entries over a pool of events, so that sifting moves no payloads.
package struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let time: Instant
        let sequence: UInt64
        let slot: Int

        func isBefore(_ other: Entry) -> Bool {
            time == other.time ? sequence < other.sequence : time < other.time
        }
    }

    private var heap: [Entry] = []
    private var pool: [Event?] = []
    private var freeSlots: [Int] = []
    private var planned: UInt64 = 0

    package init() {}

    /// When the next event happens.
    package var nextTime: Instant? { heap.first?.time }

    package mutating func plan(_ event: Event, at time: Instant) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            pool[slot] = event
        } else {
            slot = pool.count
            pool.append(event)
        }
        heap.append(Entry(time: time, sequence: planned, slot: slot))
        planned += 1
        siftUp(from: heap.count - 1)
    }

    /// Takes the next event out.
    package mutating func next() -> (time: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            siftDown()
        }
        defer {
            pool[first.slot] = nil
            freeSlots.append(first.slot)
        }
        return pool[first.slot].map { (first.time, $0) }
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[first])
            {
                first = child
            }
            if first == parent { return }
            heap.swapAt(parent, first)
            parent = first
        }
    }
}
