import Bus
import Foundation
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TestSupport
import Testing

@testable import ReceiverService

/// Clocks that jump: the wall clock dates messages, everything that waits uses a clock that only goes forward.
@Suite(.timeLimit(.minutes(1))) struct ClockTests {
    private static let hour: Int64 = 3_600_000

    private final class WallClock: Sendable {
        private let time = Mutex(Fixture.now)
        var now: Int64 { time.withLock { $0 } }
        func jump(hours: Int64) { time.withLock { $0 += hours * hour } }
    }

    @Test func whenTheWallClockJumps_messagesKeepTheirOrderAndNothingStops() async throws {
        let directory = try TemporaryDirectory()
        let bus = "ipc://\(directory.file("bus/router.ipc"))"
        let router = try await FakeRouter.bind(bus)
        let clock = WallClock()
        let running = try RunningReceiver(bus: bus, store: directory.file("store.sqlite"), clock: { clock.now })
        let client = try await FakeClient.connect(to: try await router.hello().hello)
        let first = try Fixture.message("first", at: Fixture.now)
        let second = try Fixture.message("second", at: Fixture.now + 1_000)
        let past = try Fixture.message("of the past", at: Fixture.now - 6 * Self.hour)
        let old = try Fixture.message("without a time", by: Fixture.legacyAuthor)

        router.deliver([first], from: 1)
        #expect(try await router.acks(1) == [DeliveryID(1): .stored])

        // Back: what the others date right is in the future here.
        clock.jump(hours: -5)
        var mark = router.received.count
        router.deliver([second, past, old], from: 2, source: .peer("192.0.2.1"))
        let outcomes = try await router.acks(3, from: mark)
        #expect(outcomes[DeliveryID(2)]?.word == "at_in_future")
        #expect(outcomes[DeliveryID(3)] == .stored)
        #expect(outcomes[DeliveryID(4)] == .stored)

        // Forward: what was kept aside comes by itself, on the feed, too.
        clock.jump(hours: 10)
        let announced = await client.feed.first(within: .seconds(20)) {
            if case .committed(_, let rows) = $0 { rows.map(\.stored.message) == [second] } else { false }
        }
        #expect(announced != nil)
        mark = router.received.count
        router.deliver([second, first], from: 5)
        #expect(try await router.acks(2, from: mark) == [DeliveryID(5): .duplicate, DeliveryID(6): .duplicate])

        let answer = try await client.ask(.timeline(Query.Timeline(limit: 10)))
        guard case .rows(let rows, more: false) = answer.body else { return #expect(Bool(false), "\(answer)") }
        #expect(rows.map(\.stored.message) == [second, first, old, past])
        #expect(rows.map(\.stored.receivedAt) == [5, 0, -5, -5].map { Fixture.now + $0 * Self.hour })
        // The order of commits is one of its own, and beats go on.
        let commits = try await client.ask(.after(position: 0, limit: 10), as: 2)
        guard case .rows(let committed, more: false) = commits.body else { return #expect(Bool(false), "\(commits)") }
        #expect(committed.map(\.position) == [1, 2, 3, 4])
        let beats = client.feed.count
        #expect(await client.feed.first(from: beats, within: .seconds(5)) != nil)
        await client.close()
        try await running.stop()
        await router.close()
        withExtendedLifetime(directory) {}
    }

    @Test func whenTheClockIsAnHourBehind_theOperatorIsAsked_andOwnClientsAreRefused() async throws {
        let directory = try TemporaryDirectory()
        let bus = "ipc://\(directory.file("bus/router.ipc"))"
        let router = try await FakeRouter.bind(bus)
        let (logger, lines) = LogRecorder.logger()
        let running = try RunningReceiver(
            bus: bus, store: directory.file("store.sqlite"), logger: logger, clock: { Fixture.now - Self.hour })
        let client = try await FakeClient.connect(to: try await router.hello().hello)
        let messages = try (0..<3).map { try Fixture.message("\($0)", by: Identity.generate(.ed25519)) }
        router.deliver(messages, source: .peer("192.0.2.1"))
        #expect(try await router.acks(3).values.allSatisfy { $0.word == "at_in_future" })
        let warned = await lines.first(within: .seconds(20)) { $0.hasPrefix("warning") }
        #expect(warned?.element.contains("messages of 3 authors are in the future: is this clock right?") == true)
        let answer = try await client.ask(.summary)
        guard case .summary(let summary) = answer.body else { return #expect(Bool(false), "\(answer)") }
        #expect(summary.notices.map(\.code) == ["clock_behind"])
        #expect(summary.messages == 0)

        let mark = router.received.count
        router.deliver([try Fixture.message("own")], from: 9)
        #expect(try await router.acks(1, from: mark)[DeliveryID(9)]?.word == "at_in_future")
        let store = try Fixture.store(in: directory)
        #expect(try store.earlyMessages(since: 0).messages == 3)
        store.close()
        await client.close()
        try await running.stop()
        await router.close()
        withExtendedLifetime(directory) {}
    }
}
