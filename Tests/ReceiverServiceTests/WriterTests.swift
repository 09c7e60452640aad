import Bus
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TestSupport
import Testing

@testable import ReceiverService

@Suite struct WriterTests {
    private let store = ScriptedStore()
    private let results = Mailbox<Writer.Result>()
    private let clock = ManualClock()

    private func writer() -> Writer {
        Writer(
            store: store, admission: Fixture.admission(), now: { [clock] in clock.now },
            report: { [results] in results.append($0) })
    }

    private func parcels(_ count: Int) throws -> [Parcel] {
        try Fixture.messages(count).enumerated().map {
            Parcel(
                delivery: Delivery(id: DeliveryID(UInt64($0)), attempt: 1, source: .client, message: $1),
                connection: ConnectionNumber(), receivedAt: Fixture.now)
        }
    }

    @Test func aMessageAlone_isCommittedAtOnce() async throws {
        let writer = writer()
        writer.expect(1)
        writer.write(try parcels(1), of: 1)
        #expect(await results.first(within: .seconds(10))?.element.settled.count == 1)
    }

    @Test func whatIsStillVerified_isWaitedFor() async throws {
        let writer = writer()
        let parcels = try parcels(2)
        writer.expect(3)
        writer.write([parcels[0]], of: 1)
        writer.write([parcels[1]], of: 1)
        #expect(writer.waiting == 2)
        // The third was refused: nothing is expected any more.
        writer.write([], of: 1)
        #expect(await results.first(within: .seconds(10))?.element.settled.count == 2)
        #expect(store.commitsBegun.all == [2])
    }

    @Test func enoughMessages_doNotWaitForMore() async throws {
        let writer = writer()
        writer.expect(1_000)
        writer.write(try parcels(Limits.groupMessages), of: Limits.groupMessages)
        #expect(await results.first(within: .seconds(10))?.element.settled.count == Limits.groupMessages)
    }

    @Test func aMessageThatHasWaited_doesNotWaitForMore() async throws {
        let writer = writer()
        let parcels = try parcels(3)
        writer.expect(1_000)
        writer.write([parcels[0]], of: 1)
        clock.advance(by: Limits.groupWait - .nanoseconds(1))
        writer.write([parcels[1]], of: 1)
        #expect(writer.waiting == 2)
        clock.advance(by: .nanoseconds(1))
        writer.write([parcels[2]], of: 1)
        #expect(await results.first(within: .seconds(10))?.element.settled.count == 3)
    }

    @Test func aTransaction_isBounded() async throws {
        let writer = writer()
        writer.expect(Limits.commitBatch + 1)
        writer.write(try parcels(Limits.commitBatch + 1), of: Limits.commitBatch + 1)
        #expect(await results.first(from: 1, within: .seconds(20)) != nil)
        #expect(store.commitsBegun.all == [Limits.commitBatch, 1])
    }
}

/// A clock that stands until it is moved.
final class ManualClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
