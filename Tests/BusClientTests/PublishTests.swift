import Bus
import BusClient
import Messages
import TestSupport
import Testing

@Suite("Publishing", .timeLimit(.minutes(1)))
struct PublishTests {
    let author: Author

    init() throws { author = try Author() }

    @Test func publish_givesTheReceipt() async throws {
        let site = try BusSite()
        let router = try await FakeRouter(site.bus)
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        let receipt = try await client.publish(message, acks: 2, timeout: .seconds(4))
        #expect(receipt.id == message.id && receipt.relayed == 1)
        let request = try #require(router.published.all.first)
        #expect(request.acks == 2 && request.message == message)
        // The router's time ends before ours, so that its answer is still of use.
        #expect((3_000...3_900).contains(Int(request.waitMilliseconds)))
        #expect(router.published.count == 1)
        await client.close()
        await router.stop()
    }

    @Test func lostReceipts_areAskedForAgainWithTheSameRequest() async throws {
        let site = try BusSite()
        var manners = FakeRouter.Manners()
        manners.lostReceipts = 2
        let router = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let start = ContinuousClock.now
        _ = try await client.publish(try author.message("hello"), timeout: .seconds(10))
        // After 500 ms and one second more.
        #expect((.milliseconds(1_400)..<(.seconds(4))).contains(.now - start))
        #expect(router.published.count == 3)
        #expect(Set(router.published.all.map(\.request)).count == 1)
        #expect(Set(router.published.all.map(\.message.id)).count == 1)
        #expect(await client.counters().resent == 2)
        await client.close()
        await router.stop()
    }

    @Test func routerThatIsRestarted_isReconnectedAndGetsWhatIsOpen() async throws {
        let site = try BusSite()
        var manners = FakeRouter.Manners()
        manners.isMute = true
        let first = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        async let receipt = client.publish(message, timeout: .seconds(20))
        // Sent three times by then; the fourth time would be two seconds later.
        #expect(await first.published.reached(3, within: .seconds(8)))
        await first.stop()
        let second = try await FakeRouter(site.bus)
        #expect(await second.published.first(within: .milliseconds(1_500)) != nil)
        #expect(try await receipt.id == message.id)
        #expect(second.published.all.first?.request == first.published.all.first?.request)
        _ = try await client.publish(try author.message("again"))
        await client.close()
        await second.stop()
    }

    @Test func routerThatComesLate_getsWhatWaited() async throws {
        let site = try BusSite()
        let client = try BusClient(bus: site.bus, name: "test")
        let messages = try author.messages(20)
        async let receipts = publishAll(messages, with: client)
        try await letTimePass(.milliseconds(50))
        let router = try await FakeRouter(site.bus)
        #expect(try await receipts == Set(messages.map(\.id)))
        await client.close()
        await router.stop()
    }

    @Test func noRouter_isAnErrorThatNamesTheAddressWithinTheTimeout() async throws {
        let site = try BusSite()
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        let (error, duration) = await busError { _ = try await client.publish(message, timeout: .milliseconds(400)) }
        #expect(error?.code == .noRouter)
        #expect(error?.message.contains(site.bus) == true)
        #expect((.milliseconds(390)..<(.seconds(2))).contains(duration))
        #expect(await busError { _ = try await client.directory(timeout: .milliseconds(50)) }.error?.code == .noRouter)
        #expect(await busError { _ = try await client.status(timeout: .milliseconds(50)) }.error?.code == .noRouter)
        await client.close()
    }

    @Test func muteRouter_timesOut() async throws {
        let site = try BusSite()
        var manners = FakeRouter.Manners()
        manners.isMute = true
        let router = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        let (error, _) = await busError { _ = try await client.publish(message, timeout: .milliseconds(700)) }
        #expect(error?.code == .timedOut)
        #expect(router.published.count == 2)
        await client.close()
        await router.stop()
    }

    @Test func refusal_isAnErrorWithTheRoutersWords() async throws {
        let site = try BusSite()
        var manners = FakeRouter.Manners()
        manners.refusal = Refusal(code: "signature_wrong", text: "the signature is wrong")
        let router = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        let (error, _) = await busError { _ = try await client.publish(message) }
        #expect(error?.code == .refused)
        #expect(error?.refusal == manners.refusal)
        await client.close()
        await router.stop()
    }

    @Test func busyRouter_isAskedAgain_andItsRefusalIsTheErrorInTheEnd() async throws {
        let site = try BusSite()
        var manners = FakeRouter.Manners()
        manners.busyAnswers = 1
        let router = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        #expect(try await client.publish(message).id == message.id)
        router.manners.change { $0.busyAnswers = .max }
        let (error, _) = await busError { _ = try await client.publish(message, timeout: .milliseconds(100)) }
        #expect(error?.refusal?.code == "busy")
        await client.close()
        await router.stop()
    }

    @Test func routerOfAnotherVersion_isAnErrorAtOnce() async throws {
        let site = try BusSite()
        var manners = FakeRouter.Manners()
        manners.version = 9
        let router = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        let (error, duration) = await busError { _ = try await client.publish(message) }
        #expect(error?.code == .version)
        #expect(error?.message.contains("version 9") == true)
        #expect(duration < .seconds(2))
        await client.close()
        await router.stop()
    }

    @Test func twoHundredAtOnce_allGetTheirOwnReceipt() async throws {
        let site = try BusSite()
        let router = try await FakeRouter(site.bus)
        let client = try BusClient(bus: site.bus, name: "test")
        let messages = try author.messages(200)
        #expect(try await publishAll(messages, with: client) == Set(messages.map(\.id)))
        #expect(router.published.count == 200)
        await client.close()
        await router.stop()
    }

    @Test func cancelledTask_endsAtOnce() async throws {
        let site = try BusSite()
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        for delay in [0, 0, 0, 20] {
            let task = Task { await busError { _ = try await client.publish(message, timeout: .seconds(60)) } }
            try await letTimePass(.milliseconds(delay))
            task.cancel()
            let (error, duration) = await task.value
            #expect(error?.code == .cancelled)
            #expect(duration < .seconds(5))
        }
        await client.close()
    }

    @Test func taskThatIsCancelledAlready_getsNothingStarted() async throws {
        let site = try BusSite()
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await busError { _ = try await client.publish(message, timeout: .seconds(3)) }.error
        }
        #expect(await task.value?.code == .cancelled)
        await client.close()
    }

    @Test func close_endsEverythingThatWaitsAndWhatComesLater() async throws {
        let site = try BusSite()
        let client = try BusClient(bus: site.bus, name: "test")
        let message = try author.message("hello")
        let followed = Collected(client.follow(channels: [.tweets]))
        let fed = Collected(client.feed())
        let publishing = Task { await busError { _ = try await client.publish(message, timeout: .seconds(60)) } }
        let querying = Task { await busError { _ = try await client.query(.summary, timeout: .seconds(60)) } }
        try await letTimePass(.milliseconds(50))
        await client.close()
        #expect(await publishing.value.error?.code == .closed)
        #expect(await querying.value.error?.code == .closed)
        #expect(await busError { _ = try await client.directory() }.error?.code == .closed)
        try await eventually("the streams end", within: .seconds(5)) {
            followed.events.isFinished && fed.events.isFinished
        }
        #expect(await client.follow(channels: [.tweets]).first { _ in true } == nil)
        await client.close()
    }

    @Test(arguments: ["tcp://127.0.0.1:1", "ipc://x", "nonsense", "ipc:///" + String(repeating: "x", count: 107)])
    func addressThatCannotBeUsed_isRefusedAtOnce(bus: String) {
        let error = #expect(throws: BusError.self) { try BusClient(bus: bus, name: "test") }
        #expect(error?.code == .addressInvalid)
    }

    @Test func statusReport_isRead_andRubbishIsAnError() async throws {
        let site = try BusSite()
        var manners = FakeRouter.Manners()
        manners.status = """
            {"router":{"id":"","address":"a","version":"1","uptime_s":3,"bus":"b"},"lines":{"proven":1,"ringing":2},
            "buckets":[],"taps":{"ours":0,"theirs":0},"stores":[],"counters":{"x":5}}
            """
        let router = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let report = try await client.status()
        #expect(report.router.uptimeSeconds == 3 && report.lines.ringing == 2 && report.counters["x"] == 5)
        router.manners.change { $0.status = "{" }
        #expect(await busError { _ = try await client.status() }.error?.code == .unexpected)
        await client.close()
        await router.stop()
    }

    private func publishAll(_ messages: [SignedMessage], with client: BusClient) async throws -> Set<MessageID> {
        try await withThrowingTaskGroup(of: MessageID.self) { group in
            for message in messages { group.addTask { try await client.publish(message, timeout: .seconds(20)).id } }
            return try await group.reduce(into: []) { $0.insert($1) }
        }
    }
}
