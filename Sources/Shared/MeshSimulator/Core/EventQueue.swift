import HeapModule
import Telehash

/// What will happen, in the order of its time; of things at one time, in the order in which they were planned.
package struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Comparable, Sendable {
        let time: Instant
        let sequence: UInt64
        let event: Event

        static func == (a: Self, b: Self) -> Bool { a.sequence == b.sequence }

        static func < (a: Self, b: Self) -> Bool {
            a.time == b.time ? a.sequence < b.sequence : a.time < b.time
        }
    }

    private var heap = Heap<Entry>()
    private var planned: UInt64 = 0

    package init() {}

    /// When the next event happens.
    package var nextTime: Instant? { heap.min?.time }

    package mutating func plan(_ event: Event, at time: Instant) {
        heap.insert(Entry(time: time, sequence: planned, event: event))
        planned += 1
    }

    /// Takes the next event out.
    package mutating func next() -> (time: Instant, event: Event)? {
        heap.popMin().map { ($0.time, $0.event) }
    }
}
