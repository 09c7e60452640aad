import Bus
import Foundation
import Messages
import Operations
import ReceiverStore
import ServiceRuntime
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

/// A whole receiver with a router and a client that do what the test says.
@Suite(.timeLimit(.minutes(2))) struct ReceiverTests {
    let directory: TemporaryDirectory
    let bus: String

    init() throws {
        directory = try TemporaryDirectory()
        bus = "ipc://\(directory.file("bus/router.ipc"))"
    }

    private func start(_ store: String = "store.sqlite", channels: [Channel] = [.tweets]) throws -> RunningReceiver {
        try RunningReceiver(bus: bus, store: directory.file(store), channels: channels)
    }

    @Test func hello_saysWhoWhereAndHowMuch() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start(channels: [.tweets, Channel("second")])
        let hello = try await router.hello().hello
        let store = try Fixture.store(in: directory)
        #expect(hello.store == store.id)
        store.close()
        #expect(hello.channels.map(\.name) == ["tweets", "second"])
        #expect(hello.credit == Limits.credit)
        #expect(hello.queryEndpoint == "ipc://\(directory.file("bus/"))\(hello.receiver.id.short).query")
        #expect(hello.feedEndpoint == "ipc://\(directory.file("bus/"))\(hello.receiver.id.short).feed")
        try await running.stop()
        await router.close()
    }

    @Test func loopThatIsStuck_isNotAliveUntilItTurnsAgain() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        _ = try await router.hello()
        let start = StartGate()
        start.open()
        let health = ServiceHealth(
            start: start, limit: .milliseconds(200), isAlive: running.receiver.isAlive,
            isReady: running.receiver.readiness)
        #expect(await health.isAlive())
        let core = try #require(running.receiver.core)
        let wall = DispatchSemaphore(value: 0)
        core.post { _ in wall.wait() }
        #expect(await !health.isAlive())
        wall.signal()
        try await eventually("it turns again", within: .seconds(5)) { await health.isAlive() }
        try await running.stop()
        await router.close()
    }

    @Test func aDelivery_isStoredAcknowledgedAnnouncedAndFound() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        let hello = try await router.hello().hello
        let client = try await FakeClient.connect(to: hello)
        // The first pulse shows that the subscription has arrived.
        _ = try #require(await client.feed.first(within: .seconds(10)))

        let messages = try Fixture.messages(300, at: Fixture.now - 300)
        router.deliver(messages)
        let outcomes = try await router.acks(300)
        #expect(outcomes.values.allSatisfy { $0 == .stored })

        let announced = try await Self.announced(300, on: client.feed)
        #expect(announced.map(\.pulse.sequence) == Array(1...UInt64(announced.count)))
        #expect(announced.allSatisfy { $0.pulse.store == hello.store && $0.pulse.receiver == hello.receiver })
        #expect(Set(announced.map(\.pulse.epoch)).count == 1)
        #expect(announced.flatMap(\.rows).map(\.position) == Array(1...300))
        #expect(announced.allSatisfy { $0.pulse.position == $0.rows.last?.position })

        let answer = try await client.ask(.timeline(Query.Timeline(limit: 2)))
        guard case .rows(let rows, more: true) = answer.body else { return #expect(Bool(false), "\(answer)") }
        #expect(rows.map(\.stored.message) == [messages[299], messages[298]])
        #expect(rows.first?.stored.receivedAt == Fixture.now)
        #expect(rows.first?.stored.channel == "tweets")
        #expect(answer.position == 300)
        await client.close()
        try await running.stop()
        await router.close()
    }

    private static func announced(_ count: Int, on feed: Mailbox<BusMessage>) async throws -> [(
        pulse: Pulse, rows: [Row]
    )] {
        var commits: [(pulse: Pulse, rows: [Row])] = []
        var next = 0
        while commits.reduce(0, { $0 + $1.rows.count }) < count {
            let found = await feed.first(from: next, within: .seconds(10)) {
                if case .committed = $0 { true } else { false }
            }
            guard let found, case .committed(let pulse, let rows) = found.element else {
                throw NotInTime("\(count) rows")
            }
            next = found.index + 1
            commits.append((pulse, rows))
        }
        return commits
    }

    @Test func pulses_tellOfRowsThatAnotherReceiverOfTheStoreCommitted() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        let client = try await FakeClient.connect(to: try await router.hello().hello)
        let other = try Fixture.store(in: directory)
        defer { other.close() }
        try other.commit(Fixture.messages(7))
        let found = await client.feed.first(within: .seconds(10)) {
            if case .pulse(let pulse) = $0 { pulse.position == 7 && pulse.sequence == 0 } else { false }
        }
        #expect(found != nil)
        await client.close()
        try await running.stop()
        await router.close()
    }

    @Test func whenTheRouterDoesNotKnowUs_weSayHelloAgain_andOldAcksStayAway() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        let first = try await router.hello()
        router.send(.whoAreYou)
        let second = try await router.hello(after: first.index + 1)
        #expect(second.hello == first.hello)
        router.deliver([try Fixture.message("after")])
        #expect(try await router.acks(1) == [DeliveryID(1): .stored])
        try await running.stop()
        await router.close()
    }

    @Test func whenTheRouterIsStartedAgain_weSayHelloToTheNewOne() async throws {
        let first = try await FakeRouter.bind(bus)
        let running = try start()
        let hello = try await first.hello().hello
        await first.close()
        let second = try await FakeRouter.bind(bus)
        #expect(try await second.hello().hello == hello)
        second.deliver([try Fixture.message("to the new one")])
        #expect(try await second.acks(1) == [DeliveryID(1): .stored])
        try await running.stop()
        await second.close()
    }

    @Test func whenTheRouterIsSilent_weConnectAnew() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        let first = try await router.hello()
        // The fake one sends no beats, so after three seconds it counts as gone.
        #expect(try await router.hello(after: first.index + 1).hello == first.hello)
        #expect(running.counters.snapshot()["router_reconnects", default: 0] >= 1)
        try await running.stop()
        await router.close()
    }

    /// Two sides of different versions must not answer each other's errors for ever.
    @Test func whenTheRouterSpeaksAnotherVersion_weSaySoAndWaitForAnother() async throws {
        let router = try await FakeRouter.bind(bus, welcomes: false)
        let running = try start()
        let first = try await router.hello()
        var frames = BusMessage.problem(request: nil, code: "unknown_version", text: "version 1 is unknown").frames()
        frames[0][2] = 99
        for _ in 0..<20 { router.send(frames) }
        try await eventually("the frames were read", within: .seconds(10)) {
            running.counters.snapshot()["frames_unreadable"] == 20
        }
        let versions = "the router speaks version 99 of the bus, this receiver \(BusMessage.version)"
        #expect(await running.receiver.readiness() == .notReady(versions))
        // It introduces itself again, and says nothing else.
        let second = try await router.hello(after: first.index + 1)
        let problems = router.received.all.filter { if case .problem = $0 { true } else { false } }
        #expect(problems.isEmpty, "\(problems)")
        #expect(second.hello == first.hello)
        try await running.stop()
        await router.close()
    }

    @Test func stop_commitsAndAcknowledgesWhatIsUnderWay_thenSaysGoodbye() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        let hello = try await router.hello().hello
        router.deliver(try Fixture.messages(500))
        // The first ack shows that the deliveries are here.
        _ = try await router.acks(1)
        let duration = try await running.stop()
        #expect(duration < .seconds(5))
        let goodbye = await router.received.first(within: .seconds(10)) { $0 == .goodbye(hello.receiver) }
        #expect(goodbye != nil)
        let acked = router.received.all.reduce(0) { sum, message in
            if case .acks(let acks) = message { sum + acks.count { $0.outcome == .stored } } else { sum }
        }
        let store = try Fixture.store(in: directory)
        #expect(try await store.position() == UInt64(acked))
        store.close()
        // The router's files are its own; ours are gone.
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.file("bus"))
        #expect(Set(left).isSubset(of: ["router.ipc", "router.ipc.lock"]), "\(left)")
        await router.close()
    }

    @Test func aRestart_keepsTheStoreAndTakesANewName() async throws {
        let router = try await FakeRouter.bind(bus)
        let message = try Fixture.message("kept")
        let first = try start()
        let before = try await router.hello()
        router.deliver([message])
        _ = try await router.acks(1)
        try await first.stop()
        let mark = router.received.count
        let second = try start()
        let after = try await router.hello(after: mark).hello
        #expect(after.store == before.hello.store)
        #expect(after.receiver != before.hello.receiver)
        router.deliver([message], from: 2)
        #expect(try await router.acks(1, from: mark) == [DeliveryID(2): .duplicate])
        try await second.stop()
        await router.close()
    }

    @Test func rubbishOnEverySocket_isAnsweredAndHurtsNobody() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        let client = try await FakeClient.connect(to: try await router.hello().hello)
        var random = SeededRandom(seed: 13)
        for _ in 0..<500 {
            let frames = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random)
                }
            }
            client.send(frames)
            router.send(frames)
        }
        client.send(BusMessage.whoAreYou.frames())
        var unknown = BusMessage.query(RequestID(77), .summary).frames()
        unknown[0][2] = 99
        client.send(unknown)
        let problem = await client.answers.first(within: .seconds(10)) {
            if case .problem(request: RequestID(77), "unreadable", _) = $0 { true } else { false }
        }
        #expect(problem != nil)
        router.deliver([try Fixture.message("still here")])
        #expect(try await router.acks(1) == [DeliveryID(1): .stored])
        #expect(try await client.ask(.timeline(Query.Timeline(limit: 5)), as: 78).position == 1)
        #expect(running.counters.snapshot()["frames_unreadable", default: 0] >= 1_000)
        await client.close()
        try await running.stop()
        await router.close()
    }

    @Test func manyQueriesAtOnce_areAnsweredOrRefusedAsBusy() async throws {
        let router = try await FakeRouter.bind(bus)
        let running = try start()
        router.deliver(try Fixture.messages(200))
        let client = try await FakeClient.connect(to: try await router.hello().hello)
        for number in 1...800 {
            client.send(BusMessage.query(RequestID(UInt64(number)), .timeline(Query.Timeline(limit: 50))).frames())
        }
        var answered: Set<RequestID> = []
        var next = 0
        while answered.count < 800, let found = await client.answers.first(from: next, within: .seconds(10)) {
            next = found.index + 1
            guard case .answer(let request, let answer) = found.element else { continue }
            if case .refused(let refusal) = answer.body { #expect(refusal.code == "busy") }
            answered.insert(request)
        }
        #expect(answered.count == 800)
        await client.close()
        try await running.stop()
        await router.close()
    }

    @Test func init_whenTheBusPathIsTooLong_saysSoAndMakesNoStore() throws {
        let long = "ipc://\(directory.path)/\(String(repeating: "x", count: 90))/router.ipc"
        let error = #expect(throws: (any Error).self) {
            try RunningReceiver(bus: long, store: directory.file("store.sqlite"))
        }
        #expect(error.map { "\($0)".contains("107") } == true)
        #expect(!FileManager.default.fileExists(atPath: directory.file("store.sqlite")))
    }
}
