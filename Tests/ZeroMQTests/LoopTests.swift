import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ZeroMQ

@Suite("The loop", .timeLimit(.minutes(1)))
struct LoopTests {
    @Test func timers_fireInTheOrderOfTheirDeadlines() async throws {
        let rig = try Rig()
        let fired = Mailbox<Int>()
        try await rig.loop.run { context in
            for delay in [50, 10, 30, 0, 20, 40] {
                context.after(.milliseconds(delay)) { fired.append(delay) }
            }
            for order in 100..<200 { context.after(.milliseconds(60)) { fired.append(order) } }
            let cancelled = context.after(.milliseconds(5)) { fired.append(-1) }
            cancelled.cancel()
            cancelled.cancel()
            #expect(!cancelled.isActive)
        }
        #expect(await fired.reached(106, within: .seconds(5)))
        #expect(fired.all == [0, 10, 20, 30, 40, 50] + Array(100..<200))
        await rig.loop.shutdown()
    }

    @Test func periodicTimer_firesUntilItCancelsItself() async throws {
        let rig = try Rig()
        let fired = Mailbox<Int>()
        try await rig.loop.run { context in
            var timer: LoopTimer?
            var count = 0
            timer = context.every(.milliseconds(1)) {
                count += 1
                fired.append(count)
                if count == 5 { timer?.cancel() }
            }
            context.after(.milliseconds(50)) { fired.append(-1) }
        }
        _ = await fired.first(within: .seconds(5)) { $0 == -1 }
        #expect(fired.all == [1, 2, 3, 4, 5, -1])
        #expect(try await rig.loop.run { $0.timers.count } == 0)
        await rig.loop.shutdown()
    }

    @Test func manyCancelledTimers_costNoMemoryAndDontDisturbOthers() async throws {
        let rig = try Rig()
        let fired = Mailbox<Int>()
        let pending = try await rig.loop.run { context in
            context.after(.milliseconds(20)) { fired.append(1) }
            for index in 0..<100_000 { context.after(.seconds(3600 - index % 1_000)) {}.cancel() }
            return context.timers.count
        }
        #expect(pending == 1)
        #expect(await fired.first(within: .seconds(5)) != nil)
        await rig.loop.shutdown()
    }

    @Test func postsFromEightThreads_allRunInTheOrderOfTheirThread() async throws {
        let rig = try Rig()
        let (threads, each) = (8, 10_000)
        let order = OrderKeeper(threads: threads)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<threads {
                group.addTask {
                    await withCheckedContinuation { done in
                        Thread.detachNewThread {
                            for index in 0..<each { rig.loop.post { _ in order.saw(index, of: thread) } }
                            done.resume()
                        }
                    }
                }
            }
        }
        try await rig.loop.run { _ in }
        #expect(order.seen == [Int](repeating: each, count: threads))
        #expect(order.disorder == 0)
        #expect(rig.loop.mailbox.count == 0)
        await rig.loop.shutdown()
    }

    @Test func errorsOfCallbacks_areReportedAndEndNothing() async throws {
        struct Oops: Error {}
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        try await rig.loop.run { [endpoint = rig.endpoint()] context in
            context.after(.zero) { throw Oops() }
            let pull = try context.socket(.pull)
            try pull.bind(endpoint)
            pull.onReceive = {
                heard.append($0)
                throw Oops()
            }
        }
        await #expect(throws: Oops.self) { try await rig.loop.run { _ in throw Oops() } }
        let push = try await rig.connected(.push, to: rig.endpoint())
        try await rig.sendWhenWritable(push, [[1]])
        try await rig.sendWhenWritable(push, [[2]])
        #expect(await heard.first(within: .seconds(5)) { $0 == [[2]] } != nil)
        #expect(await rig.errors.reached(3, within: .seconds(5)))
        await rig.loop.shutdown()
    }

    @Test func busySocket_doesNotStarveJobsAndTimers() async throws {
        let rig = try Rig()
        let fired = Mailbox<String>()
        let running = Mutex(true)
        try await rig.loop.run { [endpoint = rig.endpoint()] context in
            // Two sockets keep each other busy for ever.
            let left = try context.socket(.pair)
            let right = try context.socket(.pair)
            try left.bind(endpoint)
            try right.connect(endpoint)
            left.onReceive = { [unowned left] frames in if running.withLock({ $0 }) { left.send(frames) } }
            right.onReceive = { [unowned right] frames in if running.withLock({ $0 }) { right.send(frames) } }
            for index in 0..<500 { right.send([frame(index)]) }
            context.after(.milliseconds(20)) { fired.append("timer") }
        }
        #expect(await fired.first(within: .seconds(5)) != nil)
        try await rig.loop.run { _ in fired.append("job") }
        running.withLock { $0 = false }
        await rig.loop.shutdown()
    }

    @Test func longQueue_isTakenInPortions() async throws {
        let rig = try Rig()
        let taken = Mailbox<Int>()
        try await rig.loop.run { context in
            let left = try context.socket(.pair)
            let right = try context.socket(.pair)
            try right.bind("inproc://queue")
            try left.connect("inproc://queue")
            for index in 0..<1_000 { left.send([frame(index)]) }
            var count = 0
            right.onReceive = { _ in
                count += 1
                if count == 1 { context.after(.zero) { taken.append(count) } }
                if count == 1_000 { taken.append(count) }
            }
        }
        #expect(await taken.reached(2, within: .seconds(5)))
        #expect(taken.all == [ZeroMQLimits.messagesPerTurn, 1_000])
        await rig.loop.shutdown()
    }

    @Test func valueBoundToTheLoop_isDroppedThereWithItsLastName() async throws {
        final class Canary {
            let dropped: @Sendable (String) -> Void
            init(_ dropped: @escaping @Sendable (String) -> Void) { self.dropped = dropped }
            deinit { dropped(threadName()) }
        }
        let rig = try Rig("canary")
        let dropped = Mailbox<String>()
        var bound: LoopBound<Canary>? = try await rig.loop.run { context in
            LoopBound(Canary { dropped.append($0) }, in: context)
        }
        #expect(bound != nil && dropped.count == 0)
        bound = nil
        #expect(await dropped.first(within: .seconds(5))?.element == "canary")
        let other = try await rig.loop.run { context in LoopBound(Canary { dropped.append($0) }, in: context) }
        await rig.loop.shutdown()
        #expect(dropped.all == ["canary", "canary"])
        _ = other
    }
}

/// Checks that the numbers of each thread come one after the other.
final class OrderKeeper: Sendable {
    private let state: Mutex<(seen: [Int], disorder: Int)>

    init(threads: Int) { state = Mutex(([Int](repeating: 0, count: threads), 0)) }

    var seen: [Int] { state.withLock { $0.seen } }
    var disorder: Int { state.withLock { $0.disorder } }

    func saw(_ index: Int, of thread: Int) {
        state.withLock { state in
            if state.seen[thread] != index { state.disorder += 1 }
            state.seen[thread] = index + 1
        }
    }
}

/// The system's name of the calling thread.
func threadName() -> String {
    let text = (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
    return text.trimmingCharacters(in: .newlines)
}
