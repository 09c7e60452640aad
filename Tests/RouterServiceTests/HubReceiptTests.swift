import Bus
import Messages
import Testing

@testable import RouterService

/// When a client gets its receipt, and what it says.
@Suite struct HubReceiptTests {
    private let a = RoutingID(bytes: [10])
    private let b = RoutingID(bytes: [11])

    @Test func receipt_comesAfterTheCommit_notBefore() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        let published = rig.publish(message)
        #expect(published.receipts.isEmpty)
        let delivery = try #require(published.deliveries(to: a).first)
        #expect(rig.ack(delivery, from: a).receipts.isEmpty)
        let receipt = try #require(rig.progress(message, taken: 0, finished: true).receipts.first)
        #expect(receipt == Receipt(id: message.id, stored: [StoreID(HubRig.unique(1))], relayed: 0, complete: true))
        #expect(rig.hub.publications.isEmpty)
    }

    @Test func receipt_namesEveryStoreThatCommitted_whenSoManyWereAskedFor() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.join(b, store: 2)
        let message = try HubRig.message()
        let published = rig.publish(message, acks: 2)
        _ = rig.progress(message, taken: 0, finished: true)
        let toA = try #require(published.deliveries(to: a).first)
        let toB = try #require(published.deliveries(to: b).first)
        #expect(rig.ack(toA, from: a).receipts.isEmpty)
        let receipt = try #require(rig.ack(toB, .duplicate, from: b).receipts.first)
        #expect(Set(receipt.stored) == [StoreID(HubRig.unique(1)), StoreID(HubRig.unique(2))])
    }

    @Test func receipt_waitsAMomentForTheFirstSwitch() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        let delivery = try #require(rig.publish(message).deliveries(to: a).first)
        #expect(rig.ack(delivery, from: a).receipts.isEmpty)
        let receipt = try #require(rig.progress(message, taken: 1, finished: false).receipts.first)
        #expect(receipt.relayed == 1)
    }

    @Test func receipt_doesNotWaitLongForSlowSwitches() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let delivery = try #require(rig.publish(try HubRig.message()).deliveries(to: a).first)
        #expect(rig.ack(delivery, from: a).receipts.isEmpty)
        let receipt = try #require(rig.pass(RouterLimits.relayGraceMilliseconds).receipts.first)
        #expect(receipt.relayed == 0 && receipt.complete)
    }

    @Test func withoutAStore_aSwitchMustHaveTakenIt() throws {
        var rig = HubRig()
        let message = try HubRig.message()
        #expect(rig.publish(message).receipts.isEmpty)
        let receipt = try #require(rig.progress(message, taken: 2, finished: false).receipts.first)
        #expect(receipt == Receipt(id: message.id, stored: [], relayed: 2, complete: true))
    }

    @Test func withoutAnybody_theReceiptSaysSoWhenTimeIsOver_andTheMeshIsAskedAgain() throws {
        var rig = HubRig()
        let message = try HubRig.message()
        _ = rig.publish(message, wait: 3_000)
        #expect(rig.progress(message, taken: 0, finished: true).receipts.isEmpty)
        let later = rig.pass(3_000)
        #expect(later.isPublishedToMesh)
        #expect(later.receipts == [Receipt(id: message.id, stored: [], relayed: 0, complete: false)])
    }

    @Test func absentReceiver_isWaitedFor_untilTimeIsOver() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.pass(4_000, silent: [a])
        #expect(rig.hub.receivers.isEmpty)
        let message = try HubRig.message()
        #expect(rig.publish(message, wait: 2_000).receipts.isEmpty)
        _ = rig.progress(message, taken: 3, finished: true)
        #expect(rig.pass(1_000).receipts.isEmpty)
        let delivery = try #require(rig.join(a, store: 1).deliveries(to: a).first)
        #expect(rig.ack(delivery, from: a).receipts.count == 1)
    }

    @Test func storeThatComesWhileAClientWaits_givesTheReceipt() throws {
        var rig = HubRig()
        let message = try HubRig.message()
        #expect(rig.publish(message).receipts.isEmpty)
        let delivery = try #require(rig.join(a, store: 1).deliveries(to: a).first)
        let receipt = try #require(rig.ack(delivery, from: a).receipts.first)
        #expect(receipt.stored == [StoreID(HubRig.unique(1))] && receipt.complete)
    }

    @Test func refusalOfTheOnlyStore_goesBackAtOnce() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let delivery = try #require(rig.publish(try HubRig.message()).deliveries(to: a).first)
        let refusal = Refusal(code: "at_in_future", text: "the clock is wrong")
        #expect(rig.ack(delivery, .refused(refusal), from: a).refusals == [refusal])
        #expect(rig.hub.stores.values.allSatisfy { $0.count == 0 })
    }

    @Test func refusalOfOneStore_doesNotHideTheCommitOfTheOther() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        _ = rig.join(b, store: 2)
        let message = try HubRig.message()
        let published = rig.publish(message)
        _ = rig.progress(message, taken: 0, finished: true)
        let toA = try #require(published.deliveries(to: a).first)
        let toB = try #require(published.deliveries(to: b).first)
        #expect(rig.ack(toA, .refused(Refusal(code: "x", text: "")), from: a).isEmpty)
        #expect(rig.ack(toB, from: b).receipts.first?.stored == [StoreID(HubRig.unique(2))])
    }

    @Test func resentRequest_isTheSameWaiter() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        let first = rig.publish(message)
        #expect(!rig.publish(message).isPublishedToMesh)
        _ = rig.progress(message, taken: 0, finished: true)
        let delivery = try #require(first.deliveries(to: a).first)
        #expect(rig.ack(delivery, from: a).receipts.count == 1)
    }

    @Test func repeatedMessage_getsAReceiptFromADuplicate() throws {
        var rig = HubRig()
        _ = rig.join(a, store: 1)
        let message = try HubRig.message()
        for (request, outcome) in [(UInt64(1), Ack.Outcome.stored), (2, .duplicate)] {
            let published = rig.publish(message, request: request)
            _ = rig.progress(message, taken: 0, finished: true)
            let delivery = try #require(published.deliveries(to: a).first)
            #expect(rig.ack(delivery, outcome, from: a).receipts.first?.stored.count == 1)
        }
    }
}
