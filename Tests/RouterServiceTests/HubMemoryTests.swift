import Bus
import Messages
import TestSupport
import Testing

@testable import RouterService

/// A node that has a store says of nothing that it was sent before the store has it, and gives it to nobody else before.
@Suite struct HubMemoryTests {
    private let a = RoutingID(bytes: [10])

    @Test func message_isSpreadWhenAStoreHasIt_notBefore() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let published = rig.publish(try HubRig.message())
        #expect(!published.isPublishedToMesh)
        let acked = rig.ack(try #require(published.deliveries(to: a).first), from: a)
        #expect(acked.isPublishedToMesh)
    }

    @Test func messageThatTheStoreRefuses_isSpreadNever() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let delivery = try #require(rig.publish(try HubRig.message()).deliveries(to: a).first)
        let refused = rig.ack(delivery, .refused(Refusal(code: "x", text: "")), from: a)
        #expect(refused.refusals.count == 1)
        #expect(!(refused + rig.pass(RouterLimits.absentStoreMilliseconds + 5_000)).isPublishedToMesh)
    }

    @Test func messageOfNoHaste_waitsForTheFirstStoreThatTakesIt() throws {
        var rig = HubRig()
        let b = RoutingID(bytes: [11])
        _ = rig.join(a, store: 1)
        _ = rig.join(b, store: 2)
        let published = rig.publish(try HubRig.message(), acks: 0)
        let deliveries = try [a, b].map { try #require(published.deliveries(to: $0).first) }
        let refused = rig.ack(deliveries[0], .refused(Refusal(code: "key_blocked", text: "")), from: a)
        #expect(!(published + refused).isPublishedToMesh)
        #expect(rig.ack(deliveries[1], from: b).count(where: { if case .publish = $0 { true } else { false } }) == 1)
    }

    @Test func afterARestart_theStoreIsWaitedFor_andNothingIsSpreadBeforeItIsBack() throws {
        var rig = HubRig(remembered: [HubRig.store(1)])
        let message = try HubRig.message()
        let waiting = rig.publish(message) + rig.pass(3_000)
        #expect(!waiting.isPublishedToMesh && waiting.receipts.isEmpty)
        let delivery = try #require(rig.join(a, store: 1).deliveries(to: a).first)
        #expect(rig.ack(delivery, from: a).isPublishedToMesh)
        #expect(rig.progress(message, taken: 2, finished: false).receipts.first?.stored == [StoreID(HubRig.unique(1))])
    }

    @Test func afterARestart_theReceiptSaysThatNobodyHasIt_whenTimeIsOverBeforeTheStoreIsBack() throws {
        var rig = HubRig(remembered: [HubRig.store(1)])
        let message = try HubRig.message()
        let effects = rig.publish(message, wait: 2_000) + rig.pass(2_000)
        #expect(effects.receipts == [Receipt(id: message.id, stored: [], relayed: 0, complete: false)])
        #expect(!effects.isPublishedToMesh)
        // The client has gone; the store gets the message all the same, and then the others do.
        let delivery = try #require(rig.join(a, store: 1).deliveries(to: a).first)
        let acked = rig.ack(delivery, from: a)
        #expect(acked.isPublishedToMesh && acked.receipts.isEmpty)
    }

    @Test func whatComesFromTheMeshAfterARestart_waitsForTheStore() throws {
        var rig = HubRig(remembered: [HubRig.store(1)])
        let message = try HubRig.message()
        _ = rig.arrive(message)
        #expect(rig.join(a, store: 1).deliveries(to: a).map(\.message) == [message])
    }

    @Test func storeThatStaysAwayForTenMinutes_isForgotten_andTheNodeIsOneWithoutAStore() throws {
        var rig = HubRig(remembered: [HubRig.store(1)])
        _ = rig.pass(RouterLimits.absentStoreMilliseconds - 5_000)
        let message = try HubRig.message()
        #expect(!rig.publish(message, wait: 60_000).isPublishedToMesh)
        let forgotten = rig.pass(10_000)
        #expect(forgotten.isPublishedToMesh && forgotten.remembered == [])
        #expect(rig.hub.directory(now: rig.now).channels == [])
        let other = try HubRig.message("2")
        #expect(rig.publish(other, request: 2).isPublishedToMesh)
        #expect(rig.progress(other, taken: 1, finished: false).receipts.map(\.relayed) == [1])
    }

    @Test func routerThatCannotKnow_givesReceiversAMoment() throws {
        var rig = HubRig(patience: 3_000)
        #expect(rig.hub.directory(now: 0).channels == nil)
        let message = try HubRig.message()
        #expect(!(rig.publish(message) + rig.pass(2_500)).isPublishedToMesh)
        let delivery = try #require(rig.join(a, store: 1).deliveries(to: a).first)
        #expect(rig.ack(delivery, from: a).isPublishedToMesh)

        var alone = HubRig(patience: 3_000)
        _ = alone.publish(message)
        #expect(alone.pass(3_500).isPublishedToMesh)
        #expect(alone.progress(message, taken: 1, finished: false).receipts.count == 1)
    }

    @Test func storesAndChannels_areRememberedWhenTheyChange() throws {
        var rig = HubRig()
        #expect(rig.join(a, store: 1).remembered == [HubRig.store(1)])
        #expect(rig.join(a, store: 1).remembered == nil)
        let garden = try Channel("garden")
        #expect(rig.join(a, store: 1, channels: [.tweets, garden]).remembered == [HubRig.store(1, [.tweets, garden])])
    }

    @Test func resentMessage_isSpreadAgain() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        for request in [UInt64(1), 2] {
            let delivery = try #require(rig.publish(message, request: request).deliveries(to: a).first)
            #expect(rig.ack(delivery, from: a).isPublishedToMesh)
            #expect(rig.progress(message, taken: 1, finished: true).receipts.count == 1)
        }
    }

    /// A receiver that introduces itself with one store after the other.
    @Test func stores_areBounded_andThoseThatAreAwayGiveWay() throws {
        var rig = HubRig()
        for store in 1...300 { _ = rig.join(RoutingID(bytes: [10]), store: UInt64(store)) }
        #expect(rig.hub.stores.count == RouterLimits.stores)
        #expect(rig.hub.stores[StoreID(HubRig.unique(300))] != nil)
        for number in 0..<20 { _ = rig.join(RoutingID(bytes: [UInt8(100 + number)]), store: UInt64(400 + number)) }
        #expect(rig.hub.stores.count == RouterLimits.stores && rig.hub.receivers.count == RouterLimits.stores)
        #expect(rig.hub.counters[.busy] == 5)
    }

    /// An attacker who took the page over leaves the command line its receipts.
    @Test func visitorsWhoWaitForReceipts_leaveRoomForTheCommandLine() throws {
        var rig = HubRig()
        let signed = try HubRig.message("x")
        func publish(_ number: Int, _ origin: Origin) throws -> [HubEffect] {
            var signals = signed.signals
            signals["+message"] = "x \(number)"
            let message = try SignedMessage(signals: signals)
            return rig.receive(
                .publish(
                    Publish(
                        request: RequestID(UInt64(number)), acks: 9, waitMilliseconds: 600_000, origin: origin,
                        message: message)))
        }
        var refused = 0
        for number in 0..<10_000 where try !publish(number, .visitor).refusals.isEmpty { refused += 1 }
        #expect(refused == 2_500)
        #expect(try publish(10_000, .commandLine).refusals.isEmpty)
    }
}

@Suite struct StoreFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func file_isReadAsItWasWritten() throws {
        let file = StoreFile(path: directory.file("state/switches.stores"))
        #expect(try file.read() == nil)
        let stores = [
            HubRig.store(1, [.tweets, try Channel("a garden"), try Channel("Gärten")]), HubRig.store(2),
        ]
        try file.write(stores)
        #expect(Set(try #require(try file.read())) == Set(stores))
        try file.write([])
        #expect(try file.read() == [])
    }

    @Test(arguments: ["", "x", "# p2pmsg stores 1\nx y\n", "# p2pmsg stores 1\n01234567 tweets\n", "# p2pmsg stores 1"])
    func whatIsNoFileOfStores_isAnErrorAndNoTrap(text: String) throws {
        let file = StoreFile(path: directory.file("stores"))
        try text.write(toFile: file.path, atomically: false, encoding: .utf8)
        #expect(throws: (any Error).self) { try file.read() }
    }
}
