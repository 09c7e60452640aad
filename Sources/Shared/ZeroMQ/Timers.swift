/// Something that a loop does later. Belongs to the loop's thread.
package final class LoopTimer {
    fileprivate var body: (() throws -> Void)?
    fileprivate let interval: Duration?
    fileprivate let timers: Timers

    fileprivate init(interval: Duration?, timers: Timers, body: @escaping () throws -> Void) {
        self.interval = interval
        self.timers = timers
        self.body = body
    }

    /// Whether it will still fire.
    package var isActive: Bool { body != nil }

    /// It doesn't fire any more. Once more is harmless.
    package func cancel() {
        guard body != nil else { return }
        body = nil
        timers.forgotOne()
    }
}

@available(*, unavailable)
extension LoopTimer: Sendable {}

/// A binary heap of deadlines on the monotonic clock, which no change of the wall clock moves; equal deadlines fire in the order in which they were set.
final class Timers {
    private struct Entry {
        var deadline: SuspendingClock.Instant
        var order: UInt64
        var timer: LoopTimer

        func isBefore(_ other: Entry) -> Bool {
            deadline == other.deadline ? order < other.order : deadline < other.deadline
        }
    }

    private var heap: [Entry] = []
    private var nextOrder: UInt64 = 0
    private var cancelled = 0

    /// When the loop has to wake up, nil when nothing waits.
    var nextDeadline: SuspendingClock.Instant? { heap.first?.deadline }
    var count: Int { heap.count - cancelled }

    func schedule(
        at deadline: SuspendingClock.Instant, every interval: Duration? = nil, _ body: @escaping () throws -> Void
    ) -> LoopTimer {
        let timer = LoopTimer(interval: interval, timers: self, body: body)
        push(timer, at: deadline)
        return timer
    }

    /// Fires what is due, at most ``ZeroMQLimits/timersPerTurn``.
    func fire(now: SuspendingClock.Instant, onError: (any Error) -> Void) {
        for _ in 0..<ZeroMQLimits.timersPerTurn {
            guard let first = heap.first, first.deadline <= now else { return }
            popFirst()
            guard let body = first.timer.body else {
                cancelled -= 1
                continue
            }
            if let interval = first.timer.interval {
                // The rhythm is kept, turns that were missed are skipped.
                let next = first.deadline + interval
                push(first.timer, at: next > now ? next : now + interval)
            } else {
                first.timer.body = nil
            }
            do { try body() } catch { onError(error) }
        }
    }

    func removeAll() {
        for entry in heap { entry.timer.body = nil }
        heap.removeAll()
        cancelled = 0
    }

    /// Cancelled timers leave the heap when they are the majority, so that many long deadlines of short requests
    /// cost no memory and each cancellation costs O(1) on average.
    fileprivate func forgotOne() {
        cancelled += 1
        guard cancelled > 64, cancelled > heap.count / 2 else { return }
        heap.removeAll { $0.timer.body == nil }
        cancelled = 0
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
    }

    private func push(_ timer: LoopTimer, at deadline: SuspendingClock.Instant) {
        heap.append(Entry(deadline: deadline, order: nextOrder, timer: timer))
        nextOrder += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func popFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(from: 0)
    }

    private func siftDown(from start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].isBefore(heap[smallest]) {
                smallest = child
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
