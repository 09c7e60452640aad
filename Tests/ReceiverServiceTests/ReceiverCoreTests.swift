import Bus
import Logging
import Messages
import ReceiverStore
import ServiceRuntime
import StoreConformance
import TestSupport
import Testing
import ZeroMQ

@testable import ReceiverService

/// The bus side of a receiver with a store that waits and fails when told to.
@Suite(.timeLimit(.minutes(2))) struct ReceiverCoreTests {
    private let directory: TemporaryDirectory
    private let bus: String
    private let store = ScriptedStore()
    private let counters = Counters(service: "receiver")
    private let channels = KeptChannels([.tweets])
    private let told = Mailbox<[Channel]>()
    private let board = NoticeBoard()

    init() throws {
        directory = try TemporaryDirectory()
        bus = "ipc://\(directory.file("router.ipc"))"
    }

    private func start(
        on loop: Loop,
        answer: @escaping QueryServer.Answerer = { request, _, _ in BusMessage.directoryRequest(request).frames() }
    ) async throws -> LoopBound<ReceiverCore> {
        var random = SystemRandomNumberGenerator()
        let receiver = ReceiverID(UniqueID(using: &random))
        let endpoints = try Endpoints(bus: bus, receiver: receiver)
        let hello = Hello(
            receiver: receiver, store: Fixture.storeID(), queryEndpoint: endpoints.query, feedEndpoint: endpoints.feed,
            channels: [.tweets], credit: Limits.credit, version: "test")
        let parts = ReceiverCore.Parts(
            bus: bus, network: nil, endpoints: endpoints, hello: hello, epoch: 1, position: 0,
            admission: Fixture.admission(channels: channels), onChannels: { [told] in told.append($0) }, board: board,
            store: store,
            counters: counters, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { Fixture.now }, answer: answer,
            control: { request, _ in BusMessage.directoryRequest(request).frames() })
        return try await loop.run { context in LoopBound(try ReceiverCore(parts, in: context), in: context) }
    }

    @Test func acks_waitForTheCommit() async throws {
        let router = try await FakeRouter.bind(bus)
        let loop = try Loop(name: "core")
        let core = try await start(on: loop)
        _ = try await router.hello()
        store.hold()
        router.deliver([try Fixture.message("held")])
        _ = try #require(await store.commitsBegun.first(within: .seconds(10)))
        // What comes later and needs no commit is answered, so the ack is not merely slow.
        router.deliver([try Fixture.message("early", at: Fixture.now + 3_600_000)], from: 2)
        #expect(try await router.acks(1).keys.map(\.value) == [2])
        store.release()
        #expect(try await router.acks(2)[DeliveryID(1)] == .stored)
        _ = core
        await loop.shutdown()
        await router.close()
    }

    @Test func queryThatIsUnderWay_isAnsweredBeforeTheEnd() async throws {
        let router = try await FakeRouter.bind(bus)
        let loop = try Loop(name: "core")
        let begun = Mailbox<RequestID>()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let core = try await start(on: loop) { request, _, _ in
            begun.append(request)
            for await _ in gate {}
            return BusMessage.directoryRequest(request).frames()
        }
        let client = try await FakeClient.connect(to: try await router.hello().hello)
        client.send(BusMessage.query(RequestID(7), .channels).frames())
        _ = try #require(await begun.first(within: .seconds(10)))
        let ended = Mailbox<Bool>()
        try await core.run { $0.stop { ended.append(true) } }
        // Whoever comes now is told to ask somebody else.
        client.send(BusMessage.query(RequestID(8), .channels).frames())
        let refused = await client.answers.first(within: .seconds(10)) {
            if case .answer(RequestID(8), let answer) = $0 { answer.body == .refused(.busy) } else { false }
        }
        #expect(refused != nil)
        #expect(ended.all.isEmpty)
        opener.finish()
        let answer = await client.answers.first(within: .seconds(10)) { $0 == .directoryRequest(RequestID(7)) }
        #expect(answer != nil)
        #expect(await ended.first(within: .seconds(10)) != nil)
        await client.close()
        await loop.shutdown()
        await router.close()
    }

    @Test func channelsOfTheNode_areTakenBesidesTheOwn_untilTheRouterNamesOthers() async throws {
        let router = try await FakeRouter.bind(bus)
        let loop = try Loop(name: "core")
        let core = try await start(on: loop)
        let hello = try await router.hello().hello
        #expect(hello.channels == [.tweets])
        let garden = try Channel("garden")
        func outcome(_ number: UInt64) async throws -> Ack.Outcome? {
            router.deliver([try Fixture.message("\(number)", channel: garden)], from: number)
            return try await router.acks(Int(number))[DeliveryID(number)]
        }
        #expect(try await outcome(1) == .refused(.channelUnknown))
        router.send(.channels([garden]))
        #expect(try await outcome(2) == .stored)
        #expect(channels.all == [.tweets, garden])
        router.send(.channels([.tweets]))
        #expect(try await outcome(3) == .refused(.channelUnknown))
        #expect(told.all == [[.tweets, garden], [.tweets]])
        _ = core
        await loop.shutdown()
        await router.close()
    }

    @Test func acksOfAnEarlierIntroduction_stayAway() async throws {
        let router = try await FakeRouter.bind(bus)
        let loop = try Loop(name: "core")
        let core = try await start(on: loop)
        let first = try await router.hello()
        store.hold()
        router.deliver([try Fixture.message("of the first connection")])
        _ = try #require(await store.commitsBegun.first(within: .seconds(10)))
        router.send(.whoAreYou)
        let second = try await router.hello(after: first.index + 1)
        store.release()
        // The new router counts anew: its delivery 1 is another message.
        let other = try Fixture.message("of the second connection", at: Fixture.now + 3_600_000)
        router.deliver([other])
        let outcome = try #require(try await router.acks(1, from: second.index)[DeliveryID(1)])
        guard case .refused(let refusal) = outcome else {
            Issue.record("the old ack came through: \(outcome)")
            return
        }
        #expect(refusal.code == "at_in_future")
        #expect(store.messages.count == 1)
        _ = core
        await loop.shutdown()
        await router.close()
    }

    @Test func storeThatCannotStore_hasANotice_asLongAsItLasts() async throws {
        let router = try await FakeRouter.bind(bus)
        let loop = try Loop(name: "core")
        let core = try await start(on: loop)
        _ = try await router.hello()
        store.fail(with: StoreError(.diskFull, "no space left"))
        router.deliver([try Fixture.message("1")])
        _ = try await router.acks(1)
        try await eventually("a notice", within: .seconds(10)) {
            board.notices == [Notice(code: "store_full", text: "no space left")]
        }
        store.fail(with: nil)
        router.deliver([try Fixture.message("2")], from: 2)
        _ = try await router.acks(2)
        try await eventually("no notice", within: .seconds(10)) { board.notices.isEmpty }
        _ = core
        await loop.shutdown()
        await router.close()
    }

    @Test func readiness_followsRouterAndStore() async throws {
        let loop = try Loop(name: "core")
        let core = try await start(on: loop)
        #expect(await core.readiness() == .notReady("no router answers"))
        let router = try await FakeRouter.bind(bus)
        try await eventually("ready", within: .seconds(10)) { await core.readiness() == .ready }
        store.fail(with: StoreError(.diskFull, "no space left"))
        router.deliver([try Fixture.message("1")])
        guard case .failed(let refusal)? = try await router.acks(1)[DeliveryID(1)] else {
            Issue.record("not failed")
            return
        }
        #expect(refusal.code == "store_full")
        #expect(await core.readiness() == .notReady("no space left"))
        store.fail(with: nil)
        router.deliver([try Fixture.message("2")], from: 2)
        #expect(try await router.acks(2)[DeliveryID(2)] == .stored)
        #expect(await core.readiness() == .ready)
        await loop.shutdown()
        #expect(await core.readiness() == .notReady("stopping"))
        await router.close()
    }

    @Test func refusals_areCountedByReason() async throws {
        let router = try await FakeRouter.bind(bus)
        let loop = try Loop(name: "core")
        let core = try await start(on: loop)
        _ = try await router.hello()
        router.deliver([
            try Fixture.message("early", at: Fixture.now + 3_600_000), try Fixture.forged(Fixture.message("forged")),
            try Fixture.message("good"), try Fixture.message("elsewhere", channel: Channel("other")),
        ])
        _ = try await router.acks(4)
        let counted = counters.snapshot()
        #expect(counted["deliveries"] == 4)
        #expect(counted["messages_stored"] == 1)
        #expect(counted["messages_refused_at_in_future"] == 1)
        #expect(counted["messages_refused_signature_wrong"] == 1)
        #expect(counted["messages_refused_channel_not_subscribed"] == 1)
        _ = core
        await loop.shutdown()
        await router.close()
    }
}
