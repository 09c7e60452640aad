import Bus
import Messages
import Testing

@testable import RouterService

/// Stores that cannot store just now, and receivers that do not read: each hurts only itself.
@Suite struct HubFailureTests {
    private let a = RoutingID(bytes: [10])
    private let b = RoutingID(bytes: [11])
    private let full = Ack.Outcome.failed(Refusal(code: "store_full", text: "no space left for the store /a"))

    @Test func failingStore_isTriedWithOneMessage_andGetsTheRestWhenItWorks() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let messages = try (0..<4).map { try HubRig.message("\($0)") }
        let deliveries = rig.arrive(messages[0], messages[1], messages[2], messages[3]).deliveries(to: a)
        #expect(deliveries.count == 4)
        for delivery in deliveries { #expect(rig.ack(delivery, full, from: a).deliveries(to: a).isEmpty) }
        for _ in 0..<3 {
            let probe = rig.pass(RouterLimits.retryMilliseconds).deliveries(to: a)
            #expect(probe.count == 1)
            #expect(rig.ack(try #require(probe.first), full, from: a).deliveries(to: a).isEmpty)
        }
        let probe = try #require(rig.pass(RouterLimits.retryMilliseconds).deliveries(to: a).first)
        #expect(rig.ack(probe, from: a).deliveries(to: a).count == 3)
    }

    /// A store without space says nothing about a message: nobody is refused what is stored later.
    @Test func whoeverWaitsForAFailingStore_isToldWhatWaits_andItIsStoredLater() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1, credit: 1)
        let first = try #require(rig.publish(try HubRig.message("1"), request: 1, wait: 500).deliveries(to: a).first)
        _ = rig.publish(try HubRig.message("2"), request: 2, wait: 500)
        #expect(rig.ack(first, full, from: a).refusals.isEmpty)
        let third = rig.publish(try HubRig.message("3"), request: 3, wait: 500)
        #expect(third.refusals.isEmpty && !third.isPublishedToMesh)
        let told = rig.pass(500)
        #expect(told.refusals.isEmpty)
        #expect(told.receipts.map(\.complete) == [false, false, false])
        let words =
            "no space left for the store /a; the message waits in the router and is stored as soon as there is room"
        #expect(told.receipts.map(\.hindrance) == [words, words, words])
        var stored: Set<String> = []
        var due = rig.pass(RouterLimits.retryMilliseconds).deliveries(to: a)
        while let delivery = due.first {
            stored.insert(delivery.message.text)
            due = rig.ack(delivery, from: a).deliveries(to: a)
        }
        #expect(stored == ["1", "2", "3"])
    }

    @Test func storeThatWorksAgainInTime_givesItsReceipt() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let delivery = try #require(rig.publish(try HubRig.message(), wait: 5_000).deliveries(to: a).first)
        #expect(rig.ack(delivery, full, from: a).receipts.isEmpty)
        let again = try #require(rig.pass(RouterLimits.retryMilliseconds).deliveries(to: a).first)
        let receipts = (rig.ack(again, from: a) + rig.pass(RouterLimits.relayGraceMilliseconds)).receipts
        #expect(receipts.map(\.complete) == [true] && receipts.map(\.hindrance) == [nil])
    }

    @Test func whatDoesNotFitIntoTheQueueOfAFailingStore_isRefused_andNeverStored() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1, credit: 1)
        let first = try #require(rig.publish(try HubRig.message("first"), request: 1).deliveries(to: a).first)
        _ = rig.ack(first, full, from: a)
        let filler = try HubRig.message("filler")
        let (store, waiting) = (try #require(rig.hub.stores.keys.first), rig.hub.stores.values.first?.count ?? 0)
        var room = waiting
        while rig.hub.stores[store]?.add(filler, from: .client, now: 0) == true { room += 1 }
        let effects = rig.publish(try HubRig.message("too many"), request: 2)
        #expect(effects.refusals.map(\.code) == ["busy"])
        #expect(effects.refusals.first?.text.contains("no space left for the store /a") == true)
        #expect(rig.hub.stores.values.first?.count == room)
    }

    @Test func failingStore_costsNoReceiptOfTheOther_andGetsEverythingLater() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.join(b, store: 2)
        let first = rig.publish(try HubRig.message("1"), request: 1)
        _ = rig.ack(try #require(first.deliveries(to: a).first), full, from: a)
        _ = rig.ack(try #require(first.deliveries(to: b).first), from: b)
        let second = rig.publish(try HubRig.message("2"), request: 2)
        #expect(second.deliveries(to: a).isEmpty)
        let delivery = try #require(second.deliveries(to: b).first)
        let receipts = (rig.ack(delivery, from: b) + rig.pass(RouterLimits.relayGraceMilliseconds)).receipts
        #expect(receipts.map(\.stored).contains([StoreID(HubRig.unique(2))]))
        let probe = try #require(rig.pass(RouterLimits.retryMilliseconds).deliveries(to: a).first)
        let rest = rig.ack(probe, from: a).deliveries(to: a)
        #expect(Set(([probe] + rest).map(\.message.text)) == ["1", "2"])
    }

    @Test func messageThatAlwaysFails_doesNotHoldUpTheOthers() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1, credit: 1)
        let poison = try HubRig.message("poison")
        var stored: Set<String> = []
        var due = rig.arrive(poison, try HubRig.message("1"), try HubRig.message("2")).deliveries(to: a)
        for _ in 0..<8 {
            var next: [Bus.Delivery] = []
            for delivery in due {
                let isPoison = delivery.message == poison
                if !isPoison { stored.insert(delivery.message.text) }
                next += rig.ack(delivery, isPoison ? full : .stored, from: a).deliveries(to: a)
            }
            due = next + rig.pass(RouterLimits.retryMilliseconds).deliveries(to: a)
        }
        #expect(stored == ["1", "2"])
    }

    @Test func busyReceiver_saysNothingAboutItsStore() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let delivery = try #require(rig.publish(try HubRig.message("1"), request: 1).deliveries(to: a).first)
        #expect(rig.ack(delivery, .failed(Refusal(code: "busy", text: "")), from: a).refusals.isEmpty)
        #expect(rig.publish(try HubRig.message("2"), request: 2).deliveries(to: a).count == 1)
    }

    @Test func receiverThatDoesNotRead_losesWhatWasNotSent_andGetsNothingUntilItIsHeardOf() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let unsent = rig.publish(try HubRig.message("1"), request: 1).deliveries(to: a)
        rig.hub.congested(a, .deliver(unsent))
        #expect(rig.hub.receivers[a]?.outstanding == 0)
        let toOther = rig.join(b, store: 1).deliveries(to: b)
        #expect(toOther.map(\.attempt) == [1])
        #expect(rig.publish(try HubRig.message("2"), request: 2).deliveries(to: b).count == 1)
        #expect(rig.publish(try HubRig.message("3"), request: 3).deliveries(to: b).count == 1)
        _ = rig.pass(Liveness.beatMilliseconds)
        #expect(rig.publish(try HubRig.message("4"), request: 4).deliveries(to: a).count == 1)
        #expect(rig.hub.counters[.congested] == 1)
    }

    @Test func whatIsDroppedWithAStore_isCounted() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.receive(.goodbye(ReceiverID(HubRig.unique(1))), from: a)
        _ = rig.publish(try HubRig.message("1"), wait: 100)
        _ = rig.publish(try HubRig.message("2"), request: 2, wait: 100)
        _ = rig.pass(RouterLimits.absentStoreMilliseconds + 2_000)
        #expect(rig.hub.namedCounters["bus_dropped_with_store"] == 2)
    }

    @Test func receiversWithEqualWork_takeTurns() throws {
        var rig = HubRig()
        let peers = (10..<14).map { RoutingID(bytes: [$0]) }
        for peer in peers { _ = rig.join(peer, store: 1) }
        var counts: [RoutingID: Int] = [:]
        for number in 0..<40 {
            let effects = rig.publish(try HubRig.message("\(number)"), request: UInt64(number))
            for peer in peers {
                for delivery in effects.deliveries(to: peer) {
                    counts[peer, default: 0] += 1
                    _ = rig.ack(delivery, from: peer)
                }
            }
        }
        #expect(peers.map { counts[$0] ?? 0 } == [10, 10, 10, 10])
    }
}
