import Bus
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

/// The copy that a receiver holds for a client.
@Suite struct CopiesTests {
    private let directory: TemporaryDirectory
    private let store: any Store
    private let copies = Copies()
    private let receiver = ReceiverID(Fixture.storeID().id)
    private let start = ContinuousClock.now

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func begin(at time: Duration = .zero) throws -> CopyTicket {
        try copies.begin(of: store, for: receiver, now: { start + time })
    }

    @Test func copy_isGivenPieceByPiece_untilItsEnd() throws {
        let ticket = try begin()
        #expect(ticket.receiver == receiver)
        var bytes: [UInt8] = []
        while bytes.count < ticket.bytes {
            bytes += try copies.piece(ticket.number, from: UInt64(bytes.count), now: start).bytes
        }
        #expect(bytes.count == ticket.bytes && bytes.starts(with: "SQLite format 3".utf8))
        #expect(copies.end(ticket.number) == ticket.bytes)
        #expect(copies.end(ticket.number) == 0)
        store.close()
    }

    @Test func clientThatNeverAsksOn_makesRoom_whenItsTimeIsOver() throws {
        let ticket = try begin()
        let almost = Limits.copyIdle - .milliseconds(1)
        #expect(throws: StoreError.copyUnderWay) { try begin(at: almost) }
        // A client that asks on in time keeps it.
        _ = try copies.piece(ticket.number, from: 0, now: start + almost)
        #expect(!copies.sweep(now: start + almost * 2))
        #expect(copies.sweep(now: start + almost + Limits.copyIdle))
        #expect(throws: StoreError.copyGone) { try copies.piece(ticket.number, from: 0, now: start + almost) }
        _ = try begin(at: Limits.copyIdle * 3)
        store.close()
    }

    @Test func clientThatAsksForEver_isCutOff() throws {
        let ticket = try begin()
        var time = Duration.zero
        while time + .seconds(50) < Limits.copyTime {
            time += .seconds(50)
            _ = try copies.piece(ticket.number, from: 0, now: start + time)
        }
        #expect(throws: StoreError.copyGone) { try copies.piece(ticket.number, from: 0, now: start + Limits.copyTime) }
        store.close()
    }

    @Test func numberOfAnother_isNone() throws {
        let ticket = try begin()
        #expect(throws: StoreError.copyGone) { try copies.piece(ticket.number &+ 1, from: 0, now: start) }
        #expect(copies.end(ticket.number &+ 1) == 0)
        #expect(copies.end(ticket.number) == ticket.bytes)
        store.close()
    }
}
