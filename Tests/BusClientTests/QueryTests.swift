import Bus
import BusClient
import Messages
import TestSupport
import Testing

@Suite("Queries", .timeLimit(.minutes(1)))
struct QueryTests {
    let author: Author

    init() throws { author = try Author() }

    /// A router that names these receivers, and a client.
    private func node(
        _ site: BusSite, _ receivers: [FakeReceiver]
    ) async throws -> (router: FakeRouter, client: BusClient) {
        var manners = FakeRouter.Manners()
        manners.receivers = receivers.map(\.entry)
        return (try await FakeRouter(site.bus, manners), try BusClient(bus: site.bus, name: "test"))
    }

    @Test func query_isAnsweredByAReceiverOfTheDirectory() async throws {
        let site = try BusSite()
        let receiver = try await FakeReceiver(in: site.directory, "a")
        let (router, client) = try await node(site, [receiver])
        let messages = try author.messages(3)
        try await receiver.commit(messages)
        let answer = try await client.query(.message(messages[1].id))
        #expect(answer.store == receiver.store.id && answer.position == 3)
        #expect(answer.body == .rows([receiver.store.all[1]], more: false))
        // The wall is read without the router.
        await router.stop()
        #expect(try await client.query(.summary).position == 3)
        await client.close()
        await receiver.stop()
    }

    @Test func pageBeyond64KB_arrivesWhole() async throws {
        let site = try BusSite()
        let receiver = try await FakeReceiver(in: site.directory, "a")
        let (router, client) = try await node(site, [receiver])
        let text = String(repeating: "long ", count: 150)
        try await receiver.commit(try (0..<400).map { try author.message(text + "\($0)") })
        let answer = try await client.query(.after(position: 0, limit: 400))
        #expect(answer.body == .rows(receiver.store.all, more: false))
        await client.close()
        await receiver.stop()
        await router.stop()
    }

    @Test func muteReceiver_isPassedOverInTime_andRestsAfterThreeFailures() async throws {
        let site = try BusSite()
        let mute = try await FakeReceiver(in: site.directory, "mute")
        let good = try await FakeReceiver(in: site.directory, "good", of: mute.store)
        mute.manners.change { $0.isMute = true }
        let (router, client) = try await node(site, [mute, good])
        for _ in 0..<20 {
            let start = ContinuousClock.now
            #expect(try await client.query(.summary).store == good.store.id)
            #expect(try #require(good.asked.all.last).at - start < .milliseconds(700))
        }
        // By turns it would have been asked ten times; it rests after three.
        #expect(mute.asked.count == 3)
        #expect(await client.counters().hedges == 3)
        await client.close()
        for receiver in [mute, good] { await receiver.stop() }
        await router.stop()
    }

    @Test func receiverThatDied_isPassedOverWhileTheDirectoryStillNamesIt() async throws {
        let site = try BusSite()
        let dead = try await FakeReceiver(in: site.directory, "dead")
        let good = try await FakeReceiver(in: site.directory, "good", of: dead.store)
        let (router, client) = try await node(site, [dead, good])
        for _ in 0..<4 { _ = try await client.query(.summary) }
        #expect(dead.asked.count > 0 && good.asked.count > 0)
        await dead.stop()
        for _ in 0..<10 {
            let start = ContinuousClock.now
            #expect(try await client.query(.summary).store == good.store.id)
            #expect(try #require(good.asked.all.last).at - start < .milliseconds(700))
        }
        await client.close()
        await good.stop()
        await router.stop()
    }

    @Test func receiverThatWasNeverThere_costsOneHedge() async throws {
        let site = try BusSite()
        let ghost = try await FakeReceiver(in: site.directory, "ghost")
        await ghost.stop()
        let good = try await FakeReceiver(in: site.directory, "good")
        let (router, client) = try await node(site, [ghost, good])
        for _ in 0..<4 {
            let start = ContinuousClock.now
            #expect(try await client.query(.summary).store == good.store.id)
            #expect(try #require(good.asked.all.last).at - start < .milliseconds(700))
        }
        await client.close()
        await good.stop()
        await router.stop()
    }

    @Test func lateAnswer_isStillTaken() async throws {
        let site = try BusSite()
        let slow = try await FakeReceiver(in: site.directory, "slow")
        slow.manners.change { $0.delay = 800 }
        let (router, client) = try await node(site, [slow])
        #expect(try await client.query(.summary).store == slow.store.id)
        #expect(slow.asked.count == 1, "it may be working on the first")
        await client.close()
        await slow.stop()
        await router.stop()
    }

    @Test func muteReceiverAlone_timesOut_andIsAskedOnce() async throws {
        let site = try BusSite()
        let mute = try await FakeReceiver(in: site.directory, "mute")
        mute.manners.change { $0.isMute = true }
        let (router, client) = try await node(site, [mute])
        let (error, duration) = await busError { _ = try await client.query(.summary) }
        #expect(error?.code == .timedOut)
        #expect(error?.message.contains(mute.entry.queryEndpoint) == true)
        #expect(duration >= .milliseconds(1_900) && duration < .seconds(4))
        #expect(mute.asked.count == 1)
        await client.close()
        await mute.stop()
        await router.stop()
    }

    @Test func refusalOfOne_isAskedOfTheNext_andOfAllIsTheAnswer() async throws {
        let site = try BusSite()
        let (busy, good) = (
            try await FakeReceiver(in: site.directory, "busy"), try await FakeReceiver(in: site.directory, "good")
        )
        let refusal = Refusal(code: "busy", text: "too many queries")
        busy.manners.change { $0.refusal = refusal }
        let (router, client) = try await node(site, [busy, good])
        for _ in 0..<4 { #expect(try await client.query(.summary).store == good.store.id) }
        good.manners.change { $0.refusal = refusal }
        let start = ContinuousClock.now
        #expect(try await client.query(.summary).body == .refused(refusal))
        #expect(.now - start < .seconds(1))
        await client.close()
        for receiver in [busy, good] { await receiver.stop() }
        await router.stop()
    }

    @Test func queryOfAStore_goesToItsReceiversOnly() async throws {
        let site = try BusSite()
        let (one, other) = (
            try await FakeReceiver(in: site.directory, "one"), try await FakeReceiver(in: site.directory, "other")
        )
        let (router, client) = try await node(site, [one, other])
        for _ in 0..<6 {
            #expect(try await client.query(.summary, of: other.store.id).store == other.store.id)
        }
        #expect(one.asked.count == 0)
        await client.close()
        for receiver in [one, other] { await receiver.stop() }
        await router.stop()
    }

    @Test func noReceiver_isAnErrorOfItsOwn_andOneThatComesMeanwhileIsUsed() async throws {
        let site = try BusSite()
        let (router, client) = try await node(site, [])
        let (error, duration) = await busError { _ = try await client.query(.summary) }
        #expect(error?.code == .noReceiver)
        #expect(duration < .seconds(3))
        let receiver = try await FakeReceiver(in: site.directory, "late")
        router.manners.change { $0.later = (requests: 2, receivers: [receiver.entry]) }
        #expect(try await client.query(.summary).store == receiver.store.id)
        await client.close()
        await receiver.stop()
        await router.stop()
    }

    @Test func receiverThatTheRouterForgot_isAskedAsLongAsItIsConnected() async throws {
        let site = try BusSite()
        let receiver = try await FakeReceiver(in: site.directory, "a")
        let (router, client) = try await node(site, [receiver])
        _ = try await client.query(.summary)
        router.manners.change { $0.receivers = [] }
        // For a store that nobody has, the directory is asked for news until it is clear.
        let elsewhere = await busError { _ = try await client.query(.summary, of: FakeStore().id) }.error
        #expect(elsewhere?.code == .noReceiver)
        #expect(try await client.query(.summary).store == receiver.store.id)
        await client.close()
        await receiver.stop()
        await router.stop()
    }

    @Test func noRouterAndNoReceiver_isNoRouter() async throws {
        let site = try BusSite()
        let client = try BusClient(bus: site.bus, name: "test", timeout: .milliseconds(500))
        let (error, duration) = await busError { _ = try await client.query(.summary) }
        #expect(error?.code == .noRouter)
        #expect(error?.message.contains(site.bus) == true)
        #expect(duration < .seconds(2))
        await client.close()
    }

    @Test func receiverThatIsReplacedDuringAQuery_isFound() async throws {
        let site = try BusSite()
        let old = try await FakeReceiver(in: site.directory, "old")
        let (router, client) = try await node(site, [old])
        _ = try await client.query(.summary)
        await old.stop()
        let new = try await FakeReceiver(in: site.directory, "new")
        router.manners.change { $0.later = (requests: 4, receivers: [new.entry]) }
        #expect(try await client.query(.summary, timeout: .seconds(20)).store == new.store.id)
        await client.close()
        await new.stop()
        await router.stop()
    }

    @Test func cancelledQuery_endsAtOnce() async throws {
        let site = try BusSite()
        let mute = try await FakeReceiver(in: site.directory, "mute")
        mute.manners.change { $0.isMute = true }
        let (router, client) = try await node(site, [mute])
        let task = Task { await busError { _ = try await client.query(.summary, timeout: .seconds(60)) } }
        _ = await mute.asked.first(within: .seconds(5))
        task.cancel()
        let (error, duration) = await task.value
        #expect(error?.code == .cancelled && duration < .seconds(5))
        await client.close()
        await mute.stop()
        await router.stop()
    }

    private func search(_ text: String = "a b") throws -> Query {
        .timeline(Query.Timeline(search: try SearchQuery(text), limit: 50))
    }

    /// The others would do the same work, and so would this one, again.
    @Test func search_isWithOneReceiver_howeverLongItTakes_andThatCountsForNothing() async throws {
        let site = try BusSite()
        let slow = try await FakeReceiver(in: site.directory, "slow")
        let other = try await FakeReceiver(in: site.directory, "other", of: slow.store)
        let (router, client) = try await node(site, [slow, other])
        for _ in 0..<4 { _ = try await client.query(.summary) }
        for receiver in [slow, other] { receiver.manners.change { $0.delay = 900 } }
        let before = slow.asked.count + other.asked.count
        for _ in 0..<4 { _ = try await client.query(search()) }
        #expect(slow.asked.count + other.asked.count == before + 4)
        #expect(await client.counters().hedges == 0)
        // Nobody rests because of it.
        for receiver in [slow, other] { receiver.manners.change { $0.delay = 0 } }
        let (first, second) = (slow.asked.count, other.asked.count)
        for _ in 0..<4 { _ = try await client.query(.summary) }
        #expect(slow.asked.count == first + 2 && other.asked.count == second + 2)
        await client.close()
        for receiver in [slow, other] { await receiver.stop() }
        await router.stop()
    }

    @Test func search_goesToTheNext_whereOneIsBusy_andNotWhereItIsTooBroad() async throws {
        let site = try BusSite()
        let one = try await FakeReceiver(in: site.directory, "one")
        let other = try await FakeReceiver(in: site.directory, "other")
        let (router, client) = try await node(site, [one, other])
        one.manners.change { $0.refusal = Refusal(code: "busy", text: "later") }
        for _ in 0..<3 { #expect(try await client.query(search()).store == other.store.id) }
        for receiver in [one, other] { receiver.manners.change { $0.refusal = .searchTooBroad } }
        let before = one.asked.count + other.asked.count
        #expect(try await client.query(search()).body == .refused(.searchTooBroad))
        #expect(one.asked.count + other.asked.count == before + 1)
        await client.close()
        for receiver in [one, other] { await receiver.stop() }
        await router.stop()
    }

    @Test func receivers_areToldHowLongSomebodyWaits() async throws {
        let site = try BusSite()
        let receiver = try await FakeReceiver(in: site.directory, "a")
        let (router, client) = try await node(site, [receiver])
        _ = try await client.query(.summary, timeout: .milliseconds(700))
        _ = try await client.query(search())
        let waits = receiver.waits.all
        #expect(waits.count == 2 && waits[0] > 0 && waits[0] <= 700 && waits[1] > 2_000 && waits[1] <= 5_000)
        await client.close()
        await receiver.stop()
        await router.stop()
    }
}
