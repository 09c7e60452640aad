import Bus
import BusClient
import Messages
import TestSupport
import Testing

@Suite("The feed", .timeLimit(.minutes(1)))
struct FeedTests {
    let author: Author

    init() throws { author = try Author() }

    /// Everything that a test of the feed needs, with the subscription heard by every receiver.
    private struct Node {
        let site: BusSite
        let router: FakeRouter
        let receivers: [FakeReceiver]
        let client: BusClient
        let feed: Collected<FeedEvent>

        func stop() async {
            await client.close()
            for receiver in receivers { await receiver.stop() }
            await router.stop()
        }
    }

    private func node(_ names: [String], sharing store: FakeStore? = nil) async throws -> Node {
        let site = try BusSite()
        var receivers: [FakeReceiver] = []
        for name in names {
            receivers.append(try await FakeReceiver(in: site.directory, name, of: store ?? FakeStore()))
        }
        var manners = FakeRouter.Manners()
        manners.receivers = receivers.map(\.entry)
        let router = try await FakeRouter(site.bus, manners)
        let client = try BusClient(bus: site.bus, name: "test")
        let feed = Collected(client.feed())
        // The first pulse of each store is told as a reset.
        let stores = Set(receivers.map(\.store.id)).count
        #expect(await feed.events.reached(stores, within: .seconds(8)))
        #expect(feed.events.all == Array(repeating: .reset, count: stores))
        return Node(site: site, router: router, receivers: receivers, client: client, feed: feed)
    }

    @Test func commits_comeWithStoreAndPosition() async throws {
        let node = try await node(["a"])
        let messages = try author.messages(5)
        let rows = try await node.receivers[0].commit(messages)
        try await node.feed.wait(for: 5)
        #expect(node.feed.messages == rows.map { FeedMessage(store: node.receivers[0].store.id, row: $0) })
        #expect(node.feed.messages.map(\.position) == [1, 2, 3, 4, 5])
        await node.stop()
    }

    @Test func messageThatTwoStoresCommit_comesOnce() async throws {
        let node = try await node(["a", "b"])
        let messages = try author.messages(20)
        for receiver in node.receivers { try await receiver.commit(messages) }
        let last = try author.message("last")
        try await node.receivers[1].commit([last])
        try await node.feed.wait(for: 21)
        #expect(node.feed.messages.map(\.stored.message) == messages + [last])
        #expect(await node.client.counters().duplicates == 20)
        await node.stop()
    }

    @Test func lostAnnouncement_isNoticedAndFetched() async throws {
        let node = try await node(["a"])
        let receiver = node.receivers[0]
        let messages = try author.messages(30)
        try await receiver.commit(Array(messages[..<10]))
        try await node.feed.wait(for: 10)
        try await receiver.commit(Array(messages[10..<20]), announced: false)
        try await receiver.commit(Array(messages[20...]))
        try await node.feed.wait(for: 30)
        #expect(Set(node.feed.messages.map(\.stored.message)) == Set(messages))
        #expect(node.feed.messages.count == 30)
        let counters = await node.client.counters()
        #expect(counters.gaps == 1 && counters.repairedMessages == 10)
        await node.stop()
    }

    @Test func lastAnnouncementLost_isNoticedByThePulse() async throws {
        let node = try await node(["a"])
        let messages = try author.messages(3)
        try await node.receivers[0].commit(messages, announced: false)
        try await node.feed.wait(for: 3)
        #expect(node.feed.messages.map(\.stored.message) == messages)
        await node.stop()
    }

    @Test func commitOfAReceiverThatNobodyHeard_isNoticedByThePositionOfAnother() async throws {
        let node = try await node(["a"])
        let messages = try author.messages(3)
        _ = node.receivers[0].store.append(messages)
        try await node.feed.wait(for: 3)
        #expect(node.feed.messages.map(\.stored.message) == messages)
        #expect(await node.client.counters().gaps == 0)
        await node.stop()
    }

    @Test func gapBeyondOnePage_isFetchedPageByPage() async throws {
        let node = try await node(["a"])
        let count = 2 * BusLimits.pageRows + 7
        try await node.receivers[0].commit(try author.messages(count), announced: false)
        try await node.feed.wait(for: count)
        #expect(node.feed.messages.map(\.position) == Array(1...UInt64(count)))
        await node.stop()
    }

    /// They count as commits do: what comes after them is no gap.
    @Test func rules_areTold() async throws {
        let node = try await node(["a"])
        let messages = try author.messages(2)
        try await node.receivers[0].commit([messages[0]])
        try await node.feed.wait(for: 1)
        let rule = Rule(subject: .message(messages[0].id), isActive: true, at: 1)
        try await node.receivers[0].tell([rule])
        try await node.receivers[0].commit([messages[1]])
        try await node.feed.wait(for: 2)
        #expect(node.feed.events.all.contains(.rules([rule])))
        #expect(await node.client.counters().gaps == 0)
        await node.stop()
    }

    @Test func newEpochAtTheSameAddress_isRepaired() async throws {
        let node = try await node(["a"])
        let messages = try author.messages(4)
        try await node.receivers[0].commit(Array(messages[..<2]))
        try await node.feed.wait(for: 2)
        try await node.receivers[0].commit(Array(messages[2...]), announced: false)
        node.receivers[0].beginEpoch()
        try await node.receivers[0].pulse()
        try await node.feed.wait(for: 4)
        #expect(Set(node.feed.messages.map(\.stored.message)) == Set(messages))
        #expect(await node.client.counters().gaps == 1)
        await node.stop()
    }

    @Test func receiversOfOneStore_makeOneFeed_andTheOtherFillsInForOneThatDied() async throws {
        let store = FakeStore()
        let node = try await node(["a", "b"], sharing: store)
        let messages = try author.messages(40)
        for (index, message) in messages[..<20].enumerated() { try await node.receivers[index % 2].commit([message]) }
        try await node.feed.wait(for: 20)
        // Committed, and dead before it could say so.
        try await node.receivers[0].commit(Array(messages[20..<30]), announced: false)
        await node.receivers[0].stop()
        try await node.receivers[1].commit(Array(messages[30...]))
        try await node.feed.wait(for: 40)
        #expect(Set(node.feed.messages.map(\.stored.message)) == Set(messages))
        #expect(node.feed.messages.count == 40)
        await node.stop()
    }

    @Test func receiverThatStartsLater_isListenedTo_withoutTheRouterNothingIsLost() async throws {
        let node = try await node(["a"])
        await node.router.stop()
        let late = try await FakeReceiver(in: node.site.directory, "late")
        var manners = FakeRouter.Manners()
        // The router was restarted and knows only the new one yet.
        manners.receivers = [late.entry]
        let router = try await FakeRouter(node.site.bus, manners)
        try await eventually("its store is there", within: .seconds(8)) {
            node.feed.events.all.filter { $0 == .reset }.count == 2
        }
        let messages = try author.messages(2)
        try await late.commit([messages[0]])
        try await node.receivers[0].commit([messages[1]])
        try await node.feed.wait(for: 2)
        #expect(Set(node.feed.messages.map(\.stored.message)) == Set(messages))
        await node.stop()
        await late.stop()
        await router.stop()
    }

    @Test func silentReceiver_isRepairedByAQuery() async throws {
        let node = try await node(["a"])
        node.receivers[0].manners.change { $0.beats = false }
        let messages = try author.messages(3)
        try await node.receivers[0].commit(messages, announced: false)
        try await node.feed.wait(for: 3)
        #expect(node.feed.messages.map(\.stored.message) == messages)
        await node.stop()
    }

    @Test func storeThatWentBack_isToldAsReset_andGoesOn() async throws {
        let node = try await node(["a"])
        let receiver = node.receivers[0]
        try await receiver.commit(try author.messages(10))
        try await node.feed.wait(for: 10)
        receiver.store.goBack(to: 5)
        receiver.beginEpoch()
        try await receiver.pulse()
        try await eventually("it is told", within: .seconds(5)) {
            node.feed.events.all.filter { $0 == .reset }.count == 2
        }
        try await receiver.commit([try author.message("after")])
        try await node.feed.wait(for: 11)
        #expect(node.feed.messages.last?.position == 6)
        await node.stop()
    }

    @Test func subscriberThatIsTooSlow_getsAReset_andTheOthersDont() async throws {
        let node = try await node(["a"])
        let slow = node.client.feed()
        let count = BusClientLimits.feedBuffer + 100
        for message in try author.messages(count) { try await node.receivers[0].commit([message]) }
        try await node.feed.wait(for: count)
        #expect(node.feed.events.all.filter { $0 == .reset }.count == 1)
        let late = Collected(slow)
        try await eventually("it is told", within: .seconds(5)) { late.events.all.last == .reset }
        #expect(late.messages.count == BusClientLimits.feedBuffer)
        try await node.receivers[0].commit([try author.message("after")])
        try await late.wait(for: BusClientLimits.feedBuffer + 1)
        await node.stop()
    }

    @Test func rubbishOnTheFeed_isCountedAndDropped() async throws {
        let node = try await node(["a", "b"])
        // A directory that sends us to somebody else's feed: pulses of `b` don't count as `a`'s.
        let (a, b) = (node.receivers[0].entry, node.receivers[1].entry)
        let wrong = Directory.Entry(
            receiver: a.receiver, store: a.store, queryEndpoint: a.queryEndpoint, feedEndpoint: b.feedEndpoint,
            channels: [])
        let useless = Directory.Entry(
            receiver: b.receiver, store: b.store, queryEndpoint: "tcp://1.2.3.4:5", feedEndpoint: "", channels: [])
        node.router.manners.change { $0.receivers = [wrong, useless] }
        try await eventually("both are counted", within: .seconds(8)) {
            let counters = await node.client.counters()
            return counters.unreadable > 0 && counters.uselessEntries > 0
        }
        await node.stop()
    }
}
