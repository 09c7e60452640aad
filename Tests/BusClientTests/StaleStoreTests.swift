import Bus
import BusClient
import Messages
import TestSupport
import Testing

/// Stores are not the same at every moment; what one person reads must not go back in time.
@Suite("Stale stores", .timeLimit(.minutes(1)))
struct StaleStoreTests {
    let author: Author

    init() throws { author = try Author() }

    private func node(_ site: BusSite, _ receivers: [FakeReceiver]) async throws -> (FakeRouter, BusClient) {
        var manners = FakeRouter.Manners()
        manners.receivers = receivers.map(\.entry)
        return (try await FakeRouter(site.bus, manners), try BusClient(bus: site.bus, name: "test"))
    }

    @Test func queries_stayWithOneStore_andTakeTurnsAmongItsReceivers() async throws {
        let site = try BusSite()
        let store = FakeStore()
        let first = try await FakeReceiver(in: site.directory, "a", of: store)
        let second = try await FakeReceiver(in: site.directory, "b", of: store)
        let other = try await FakeReceiver(in: site.directory, "c")
        let (router, client) = try await node(site, [first, second, other])
        var stores: [StoreID] = []
        for _ in 0..<20 { stores.append(try await client.query(.summary).store) }
        #expect(Set(stores).count == 1)
        if stores[0] == store.id { #expect(first.asked.count >= 8 && second.asked.count >= 8) }
        await client.close()
        for receiver in [first, second, other] { await receiver.stop() }
        await router.stop()
    }

    @Test func storeThatFellBehind_isNotRead_andIsAgainWhenItHasCaughtUp() async throws {
        let site = try BusSite()
        let (one, other) = (
            try await FakeReceiver(in: site.directory, "one"), try await FakeReceiver(in: site.directory, "other")
        )
        let (router, client) = try await node(site, [one, other])
        // The store that is read by now is the one that will fall behind.
        let isOne = try await client.query(.summary).store == one.store.id
        let (stale, fresh) = isOne ? (one, other) : (other, one)
        let feed = Collected(client.feed())
        // Each is heard of once, and both have the same.
        _ = await feed.events.reached(2, within: .seconds(10))
        let known = try author.messages(3)
        for receiver in [fresh, stale] { try await receiver.commit(known) }
        try await feed.wait(for: 3)
        // Now one of them is away from the router, and answers queries all the same.
        let missed = try author.messages(5)
        try await fresh.commit(missed)
        try await feed.wait(for: 8)
        try await eventually("the other store is passed over", within: .seconds(10), every: .milliseconds(200)) {
            for _ in 0..<4 where try await client.query(.summary).store != fresh.store.id { return false }
            return true
        }
        await fresh.stop()
        #expect(try await client.query(.summary).store == stale.store.id, "better old pages than none")
        try await stale.commit(missed)
        #expect(try await client.query(.summary).position == 8)
        feed.cancel()
        await client.close()
        await stale.stop()
        await router.stop()
    }
}
