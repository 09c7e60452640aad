import Dispatch
import Synchronization

/// What some thread hears (lines, datagrams, events), kept in order, for tests to await.
///
/// Nothing is consumed: every element has an index for good, so a test can look for what came before it asked, and two
/// tests of one source do not steal from each other.
public final class Mailbox<Element: Sendable>: Sendable {
    /// An element and its place in the order of arrival.
    public struct Found: Sendable {
        public let index: Int
        public let element: Element
    }

    private typealias Continuation = CheckedContinuation<Found?, Never>

    private struct Waiter {
        let id: UInt64
        let start: Int
        let matches: @Sendable (Element) -> Bool
        let continuation: Continuation
    }

    private enum Answer {
        case now(Found?)
        case later(UInt64)
    }

    private struct State {
        var elements: [Element] = []
        var finished = false
        var waiters: [Waiter] = []
        var lastWaiter: UInt64 = 0

        mutating func look(
            from start: Int, _ matches: @escaping @Sendable (Element) -> Bool, _ continuation: Continuation
        ) -> Answer {
            if let index = elements.indices.dropFirst(start).first(where: { matches(elements[$0]) }) {
                return .now(Found(index: index, element: elements[index]))
            }
            if finished { return .now(nil) }
            lastWaiter += 1
            waiters.append(Waiter(id: lastWaiter, start: start, matches: matches, continuation: continuation))
            return .later(lastWaiter)
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// Everything so far.
    public var all: [Element] { state.withLock { $0.elements } }

    /// The index that the next element will get: a mark for "from now on".
    public var count: Int { state.withLock { $0.elements.count } }

    /// Whether somebody waits for an element.
    public var hasWaiters: Bool { state.withLock { !$0.waiters.isEmpty } }

    /// Whether `finish()` was called: nothing will follow.
    public var isFinished: Bool { state.withLock { $0.finished } }

    public func append(_ element: Element) {
        let (index, ready) = state.withLock { state in
            let index = state.elements.count
            state.elements.append(element)
            let ready = state.waiters.filter { $0.start <= index && $0.matches(element) }
            state.waiters.removeAll { waiter in ready.contains { $0.id == waiter.id } }
            return (index, ready)
        }
        for waiter in ready {
            waiter.continuation.resume(returning: Found(index: index, element: element))
        }
    }

    /// The source has ended: those who still wait get nil.
    public func finish() {
        let waiters = state.withLock { state in
            state.finished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters {
            waiter.continuation.resume(returning: nil)
        }
    }

    /// The first element at or after `start` that `matches`; nil when the source ends or `limit` passes first.
    public func first(
        from start: Int = 0, within limit: Duration,
        where matches: @escaping @Sendable (Element) -> Bool = { _ in true }
    ) async -> Found? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { $0.look(from: start, matches, continuation) }
            switch answer {
            case .now(let found): continuation.resume(returning: found)
            case .later(let id): expire(id, after: limit)
            }
        }
    }

    private func expire(_ id: UInt64, after limit: Duration) {
        DispatchQueue.global().asyncAfter(deadline: .now() + limit.seconds) { [self] in
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }
}

extension Duration {
    /// As a floating-point number of seconds.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

    /// As a floating-point number of milliseconds.
    public var milliseconds: Double { seconds * 1000 }
}
