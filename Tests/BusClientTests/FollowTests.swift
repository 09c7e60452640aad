import Bus
import BusClient
import Messages
import TestSupport
import Testing

@Suite("Following the router", .timeLimit(.minutes(1)))
struct FollowTests {
    let author: Author

    init() throws { author = try Author() }

    @Test func liveMessages_comeInOrder_andTheSubscriptionIsRenewed() async throws {
        let site = try BusSite()
        let router = try await FakeRouter(site.bus)
        let client = try BusClient(bus: site.bus, name: "test")
        let followed = Collected(client.follow(channels: [.tweets]))
        #expect(await router.followed.first(within: .seconds(5))?.element == [Channel.tweets.end])
        let messages = try author.messages(50)
        router.live(messages)
        #expect(await followed.events.reached(50, within: .seconds(5)))
        #expect(followed.events.all == messages.map { .message($0, receivedAt: 7) })
        #expect(await router.followed.reached(3, within: .seconds(5)))
        followed.cancel()
        #expect(await router.unfollowed.first(within: .seconds(5)) != nil)
        await client.close()
        await router.stop()
    }

    @Test func routerThatIsRestarted_isFollowedAgain_andTheLossIsTold() async throws {
        let site = try BusSite()
        let first = try await FakeRouter(site.bus)
        let client = try BusClient(bus: site.bus, name: "test")
        let followed = Collected(client.follow(channels: [.tweets]))
        _ = await first.followed.first(within: .seconds(5))
        await first.stop()
        #expect(await followed.events.first(within: .seconds(8))?.element == .routerLost)
        let second = try await FakeRouter(site.bus)
        #expect(await followed.events.reached(2, within: .seconds(8)))
        #expect(followed.events.all.last == .routerBack)
        let message = try author.message("after")
        second.live([message])
        #expect(await followed.events.reached(3, within: .seconds(5)))
        #expect(followed.events.all.last == .message(message, receivedAt: 7))
        await client.close()
        await second.stop()
    }

    @Test func readerThatIsTooSlow_isToldHowManyItMissed() async throws {
        let site = try BusSite()
        let router = try await FakeRouter(site.bus)
        let client = try BusClient(bus: site.bus, name: "test")
        let stream = client.follow(channels: [.tweets])
        _ = await router.followed.first(within: .seconds(5))
        let message = try author.message("again and again")
        let excess = 500
        for _ in 0..<(BusClientLimits.followBuffer + excess) / 4 { router.live([message, message, message, message]) }
        try await eventually("they were dropped", within: .seconds(5)) {
            await client.counters().missedByFollowers == UInt64(excess)
        }
        let followed = Collected(stream)
        #expect(await followed.events.reached(BusClientLimits.followBuffer, within: .seconds(5)))
        router.live([message])
        #expect(await followed.events.first(within: .seconds(5)) { $0 == .missed(excess) } != nil)
        await client.close()
        await router.stop()
    }
}
