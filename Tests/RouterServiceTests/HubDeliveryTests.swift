import Bus
import Foundation
import Messages
import Testing

@testable import RouterService

/// Leases, credit, redelivery: each store gets each message at least once, one receiver at a time.
@Suite struct HubDeliveryTests {
    private let a = RoutingID(bytes: [10])
    private let b = RoutingID(bytes: [11])

    @Test func messagesOfOneBurst_areDeliveredInOneFrame() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let messages = try (1...3).map { try HubRig.message("\($0)") }
        let effects = rig.arrive(messages[0], messages[1], messages[2])
        #expect(effects.count == 1)
        #expect(effects.deliveries(to: a).map(\.message) == messages)
    }

    @Test func receiversOfOneStore_shareTheWork() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.join(b, store: 1)
        var counts = [a: 0, b: 0]
        for number in 0..<40 {
            let effects = rig.publish(try HubRig.message("\(number)"), request: UInt64(number))
            for peer in [a, b] { counts[peer, default: 0] += effects.deliveries(to: peer).count }
        }
        #expect(counts == [a: 20, b: 20])
    }

    @Test func differentStores_eachGetEverything() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.join(b, store: 2)
        let effects = rig.publish(try HubRig.message())
        #expect(effects.deliveries(to: a).count == 1)
        #expect(effects.deliveries(to: b).count == 1)
    }

    @Test func store_getsOnlyItsChannels() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1, channels: [try Channel("garden")])
        #expect(rig.publish(try HubRig.message()).deliveries(to: a).isEmpty)
    }

    @Test func credit_limitsWhatIsUnderWay_andAcksGiveItBack() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1, credit: 2)
        var deliveries: [Bus.Delivery] = []
        for number in 0..<5 {
            deliveries += rig.publish(try HubRig.message("\(number)"), request: UInt64(number)).deliveries(to: a)
        }
        #expect(deliveries.count == 2)
        #expect(rig.ack(deliveries[0], from: a).deliveries(to: a).map(\.message.text) == ["2"])
        #expect(rig.hub.receivers[a]?.outstanding == 2)
    }

    @Test func killedReceiver_losesItsLeasesToTheOther_inOrder() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        for number in 0..<3 { _ = rig.publish(try HubRig.message("\(number)"), request: UInt64(number)) }
        _ = rig.join(b, store: 1)
        let again = rig.lose(a).deliveries(to: b)
        #expect(again.map(\.message.text) == ["0", "1", "2"])
        #expect(again.allSatisfy { $0.attempt == 2 })
    }

    @Test func silentReceiver_isGoneAfterThreeBeats() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.publish(try HubRig.message())
        _ = rig.join(b, store: 1)
        #expect(rig.pass(Liveness.silenceMilliseconds, silent: [a]).deliveries(to: b).isEmpty)
        #expect(rig.pass(Liveness.beatMilliseconds + 500, silent: [a]).deliveries(to: b).count == 1)
    }

    @Test func stuckReceiverThatBeats_losesItsLeaseAfterFiveSeconds() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1, credit: 1)
        let first = try #require(rig.publish(try HubRig.message()).deliveries(to: a).first)
        #expect(rig.pass(Liveness.leaseMilliseconds - 500).deliveries(to: a).isEmpty)
        let second = try #require(rig.pass(1_000).deliveries(to: a).first)
        #expect(second.attempt == 2 && second.id != first.id)
        // The late answer to the first lease changes nothing; the second one is in charge.
        _ = rig.ack(first, from: a)
        #expect(rig.hub.counters[.lateAcks] == 1)
        _ = rig.ack(second, from: a)
        #expect(rig.hub.stores.values.first?.count == 0)
        #expect(rig.hub.receivers[a]?.outstanding == 0)
    }

    @Test func poisonousMessage_isADeadLetterAfterFiveLeases() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.publish(try HubRig.message())
        let effects = rig.pass(Liveness.leaseMilliseconds * Int64(Liveness.attempts) + 3_000)
        #expect(effects.deliveries(to: a).map(\.attempt) == [2, 3, 4, 5])
        #expect(rig.hub.namedCounters["bus_dead_letters"] == 1)
        #expect(effects.contains(.note(.deadLetters(StoreID(HubRig.unique(1)), total: 1))))
        #expect(rig.hub.stores.values.first?.count == 0)
    }

    @Test func deadLetter_isKept_shown_andDeliveredAgainOnRequest() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        _ = rig.publish(message, wait: 100)
        _ = rig.pass(Liveness.leaseMilliseconds * Int64(Liveness.attempts) + 3_000)
        let store = StoreID(HubRig.unique(1))
        #expect(rig.hub.namedCounters["bus_dead_letters_kept"] == 1)

        let shown = rig.receive(.deadLettersRequest(RequestID(9), redeliver: false))
        #expect(shown.deadLetters?.map(\.message) == [message])
        #expect(shown.deadLetters?.map(\.store) == [store])
        #expect(shown.deliveries(to: a).isEmpty)

        let again = rig.receive(.deadLettersRequest(RequestID(10), redeliver: true))
        #expect(again.deadLetters?.count == 1)
        let delivery = try #require(again.deliveries(to: a).first)
        #expect(delivery.attempt == 1)
        _ = rig.ack(delivery, from: a)
        #expect(rig.hub.namedCounters["bus_dead_letters_kept"] == 0)
        #expect(rig.hub.storeReports().map(\.acked) == [1])
    }

    @Test func deadLetters_areBounded_andTheNewestStay() throws {
        var queue = StoreQueue(now: 0)
        var ids: UInt64 = 0
        let messages = try (0...BusLimits.deadLetters).map { try HubRig.message("\($0)") }
        for message in messages {
            _ = queue.add(message, from: .client, now: 0)
            for attempt in 1...Liveness.attempts {
                _ = queue.lease(to: a, limit: 1, now: Int64(attempt), ids: &ids)
                _ = queue.release(a, now: Int64(attempt))
            }
        }
        #expect(queue.dead.count == BusLimits.deadLetters)
        #expect(queue.deadLetters == UInt64(BusLimits.deadLetters) + 1)
        #expect(queue.dead.last?.item.message == messages.last)
    }

    @Test func deliveries_sayWhereTheMessageCameFrom() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        #expect(rig.publish(try HubRig.message("ours")).deliveries(to: a).map(\.source) == [.visitor])
        #expect(rig.arrive(try HubRig.message("theirs")).deliveries(to: a).map(\.source) == [.peer(HubRig.peer)])
    }

    @Test func storeThatFails_getsItAgainAfterASecond_asOftenAsItTakes() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        var delivery = try #require(rig.publish(try HubRig.message(), wait: 100).deliveries(to: a).first)
        for _ in 0..<10 {
            #expect(rig.ack(delivery, .failed(Refusal(code: "disk_full", text: "")), from: a).deliveries(to: a).isEmpty)
            delivery = try #require(rig.pass(RouterLimits.retryMilliseconds).deliveries(to: a).first)
        }
        _ = rig.ack(delivery, from: a)
        #expect(rig.hub.stores.values.first?.acked == 1)
        #expect(rig.hub.namedCounters["bus_dead_letters"] == 0)
    }

    @Test func fullQueue_refusesInsteadOfGrowing() throws {
        var queue = StoreQueue(now: 0)
        let text = String(repeating: "x", count: 600)
        let message = try HubRig.message(text)
        var added = 0
        while queue.add(message, from: .peer(HubRig.peer), now: 0) { added += 1 }
        #expect(added == RouterLimits.waitingBytes / (text.utf8.count + RouterLimits.bytesBesideText))
        #expect(queue.bytes <= RouterLimits.waitingBytes)
        let displaced = queue.takeDisplaced()
        #expect(displaced.isEmpty)
    }

    private static func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ").dropFirst()
            .first
        return try #require(pages.flatMap { Int($0) }) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test func waitingMessage_takesNoMoreThanItIsCountedFor() throws {
        let count = 10_000
        let encoded = try (0..<count).map { try HubRig.message("\($0), about as long as what people write").encoded() }
        var queue = StoreQueue(now: 0)
        let before = try Self.residentBytes()
        for bytes in encoded { _ = queue.add(try SignedMessage(encoded: bytes), from: .peer(HubRig.peer), now: 0) }
        let taken = try Self.residentBytes() - before
        #expect(queue.count == count)
        #expect(taken <= queue.bytes * 5 / 4, "\(taken / count) bytes each")
    }

    /// A peer that brings less than the one that fills the queue loses nothing, and what is published here finds room.
    @Test func fullQueue_makesRoomForThoseWhoHaveLess() throws {
        var queue = StoreQueue(now: 0)
        let message = try HubRig.message()
        while queue.add(message, from: .peer(HubRig.peer), now: 0) {}
        let full = queue.count
        for _ in 0..<200 {
            let isIn = queue.add(message, from: .peer("192.0.2.2"), now: 0)
            #expect(isIn)
        }
        let first = queue.takeDisplaced().map(\.source)
        #expect(first == Array(repeating: .peer(HubRig.peer), count: 200))
        while queue.add(message, from: .peer("192.0.2.3"), now: 0) {}
        let second = queue.takeDisplaced().count { $0.source == .peer("192.0.2.2") }
        #expect(second == 0)
        var own = 0
        while queue.add(message, from: .client, now: 0) { own += 1 }
        #expect(own == full)
        let third = queue.takeDisplaced().count
        #expect(third == full)
        #expect(queue.count == full)
    }

    @Test func whatIsPublishedHere_doesNotWaitBehindAFloodOfTheMesh() throws {
        var rig = HubRig()
        let flood = try (0..<2_000).map { try HubRig.message("flood \($0)") }
        _ = rig.join(a, store: 1, credit: 10)
        for message in flood { _ = rig.arrive(message) }
        _ = rig.publish(try HubRig.message("ours"), wait: 100)
        // The receiver does what it has, and has credit again.
        let ten = rig.hub.receivers[a]?.outstanding ?? 0
        let acks = (1...UInt64(ten)).map { Ack(id: DeliveryID($0), outcome: .stored) }
        let next = rig.receive(.acks(acks), from: a).deliveries(to: a)
        #expect(next.prefix(2).map(\.message.text).contains("ours"))
        #expect(next.count == 10 && next.filter { $0.source != .visitor }.count == 9)
    }

    @Test func peersThatBringMuch_keepNobodyElseWaiting() throws {
        var queue = StoreQueue(now: 0)
        let message = try HubRig.message()
        for peer in 0..<8 {
            for _ in 0..<10_000 { _ = queue.add(message, from: .peer("192.0.2.\(peer)"), now: 0) }
        }
        let honest = Source.peer("198.51.100.1")
        let isTaken = queue.add(message, from: honest, now: 0)
        #expect(isTaken)
        var ids: UInt64 = 0
        let leased = queue.lease(to: a, limit: 10, now: 0, ids: &ids)
        #expect(leased.contains { $0.source == honest })
    }

    @Test func whatWaits_comesWhenTheStoreReturns() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.receive(.goodbye(ReceiverID(HubRig.unique(1))), from: a)
        for number in 0..<200 { _ = rig.publish(try HubRig.message("\(number)"), request: UInt64(number), wait: 100) }
        let deliveries = rig.join(b, store: 1, credit: 1_000).deliveries(to: b)
        #expect(deliveries.count == BusLimits.deliverBatch)
        #expect(deliveries.first?.message.text == "0")
    }

    @Test func deliveries_sayHowLongTheMessageWaited() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        #expect(rig.arrive(try HubRig.message("at once")).deliveries(to: a).map(\.waited) == [0])
        _ = rig.receive(.goodbye(ReceiverID(HubRig.unique(1))), from: a)
        _ = rig.arrive(try HubRig.message("away"))
        _ = rig.pass(60_000)
        let waited = rig.join(b, store: 1).deliveries(to: b).map(\.waited)
        #expect(waited.sorted().last == 60_000)
    }

    @Test func storeThatStaysAway_isForgotten() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.receive(.goodbye(ReceiverID(HubRig.unique(1))), from: a)
        _ = rig.publish(try HubRig.message(), wait: 100)
        let effects = rig.pass(RouterLimits.absentStoreMilliseconds + 2_000)
        #expect(effects.contains(.note(.storeForgotten(StoreID(HubRig.unique(1)), dropped: 1))))
        #expect(effects.taps.last == [])
        #expect(rig.hub.stores.isEmpty)
    }

    @Test func unknownReceiver_isAskedWhoItIs() {
        var rig = HubRig()
        let effects = rig.receive(.receiverBeat(ReceiverID(HubRig.unique(9))), from: a)
        #expect(effects == [.send(.whoAreYou, to: a)])
    }

    @Test func reconnectedReceiver_hasOneConnection() throws {
        var rig = HubRig()
        let hello = HubRig.hello(7, store: 1, credit: 10)
        _ = rig.receive(.hello(hello), from: a)
        _ = rig.publish(try HubRig.message())
        let effects = rig.receive(.hello(hello), from: b)
        #expect(effects.deliveries(to: b).count == 1)
        #expect(rig.hub.directory(now: 0).receivers.count == 1)
    }
}
