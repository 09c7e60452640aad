import Bus
import Messages
import Testing

@testable import RouterService

/// The channels of a node: all receivers take what a flag gave to any of them, or to the router.
@Suite struct HubChannelTests {
    private let a = RoutingID(bytes: [10])
    private let b = RoutingID(bytes: [11])
    private let garden: Channel

    init() throws { garden = try Channel("garden") }

    @Test func channelOfOneReceiver_isTakenByAll() throws {
        var rig = HubRig()
        #expect(rig.join(a, store: 1).channels(toldTo: a) == [.tweets])
        let effects = rig.join(b, store: 2, channels: [.tweets, garden])
        #expect(effects.channels(toldTo: a) == [garden, .tweets])
        #expect(effects.channels(toldTo: b) == [garden, .tweets])
        #expect(effects.taps == [[Channel.tweets.end, garden.end]])
        let published = rig.publish(try HubRig.message(channel: garden))
        #expect(published.deliveries(to: a).count == 1)
        #expect(published.deliveries(to: b).count == 1)
    }

    @Test func channelOfTheRouter_isTakenByAll_andByNobodyWhereThereIsNoStore() throws {
        var rig = HubRig(channels: [garden])
        #expect(rig.hub.directory(now: 0).channels == [])
        #expect(rig.publish(try HubRig.message(channel: garden)).isPublishedToMesh)
        let effects = rig.join(a, store: 1)
        #expect(effects.channels(toldTo: a) == [garden, .tweets])
        #expect(rig.hub.directory(now: 0).keeps(garden) == true)
        #expect(rig.publish(try HubRig.message("2", channel: garden), request: 2).deliveries(to: a).count == 1)
    }

    @Test func channelThatNobodyTakes_isOnlySpread_andTheDirectorySaysSo() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        #expect(rig.hub.directory(now: 0).keeps(garden) == false)
        let message = try HubRig.message(channel: garden)
        let published = rig.publish(message, wait: 1_000)
        #expect(published.isPublishedToMesh && published.deliveries(to: a).isEmpty)
        _ = rig.progress(message, taken: 0, finished: true)
        #expect(rig.pass(1_000).receipts == [Receipt(id: message.id, stored: [], relayed: 0, complete: false)])
    }

    @Test func channelThatNoFlagGivesAnyMore_isTakenNoLonger() throws {
        var rig = HubRig(remembered: [HubRig.store(1, [.tweets, garden])])
        #expect(rig.hub.keeps(garden.end))
        let effects = rig.join(a, store: 1)
        #expect(effects.channels(toldTo: a) == [.tweets])
        #expect(!rig.hub.keeps(garden.end))
    }

    @Test func receiverThatIsAway_keepsItsChannelForTheOthers() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1, channels: [.tweets, garden])
        _ = rig.join(b, store: 2)
        _ = rig.lose(a)
        #expect(rig.publish(try HubRig.message(channel: garden)).deliveries(to: b).count == 1)
        #expect(rig.pass(RouterLimits.absentStoreMilliseconds + 2_000).channels(toldTo: b) == [.tweets])
    }

    @Test func moreChannelsThanANodeTakes_leaveThoseOfTheRouter() throws {
        let many = try (0..<BusLimits.channels).map { try Channel("a\($0)") }
        var rig = HubRig(channels: [garden])
        let told = try #require(rig.join(a, store: 1, channels: many).channels(toldTo: a))
        #expect(told.count == BusLimits.channels && told.first == garden)
    }
}
