import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import Synchronization
import TestSupport
import Testing

@testable import SQLiteStore

/// A disk that is nearly full.
@Suite struct DiskReserveTests {
    /// Bytes that are free of a disk of 100 GB.
    private final class Disk: Sendable {
        let free = Mutex<UInt64>(50_000_000_000)
    }

    private let directory: TemporaryDirectory
    private let disk = Disk()
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        let opened = try Fixture.store(in: directory)
        store = SQLiteStore(
            path: opened.path, id: opened.id, pool: opened.pool, patience: Patience(), isChecked: true,
            disk: DiskReserve { [disk] in .init(free: disk.free.withLock { $0 }, all: 100_000_000_000) })
    }

    @Test func reserve_isTheSmallerOfATenthAndAGigabyte() {
        #expect(DiskReserve.Space(free: 0, all: 128_000_000).reserve == 12_800_000)
        #expect(DiskReserve.Space(free: 0, all: 100_000_000_000).reserve == 1_000_000_000)
    }

    @Test func realDisk_hasRoom() throws {
        let room = try store.pool.read { db in try DiskReserve(path: store.path).room(in: db) }
        #expect(room != .none)
    }

    @Test func lastGigabyte_isNeverUsedUp() throws {
        try store.commit(Fixture.messages(3))
        disk.free.withLock { $0 = 999_999_999 }
        let error = #expect(throws: StoreError.self) { try store.commit(Fixture.messages(1, prefix: "more")) }
        #expect(error?.code == .diskFull)
        #expect(error?.message.contains(store.path) == true)
        disk.free.withLock { $0 = 5_000_000_000 }
        #expect(try store.commit(Fixture.messages(1, prefix: "more")).outcomes == [.stored])
    }

    @Test func closeToIt_strangersAreRefused() throws {
        let before = Fixture.now - 90_000_000
        try store.commit([Fixture.message("settled", at: before)], receivedAt: before)
        let known = Identity.generate(.ed25519)
        _ = try store.set(Rule(subject: .known(known.publicKey), isActive: true, at: 1))
        disk.free.withLock { $0 = 2_500_000_000 }
        let batch = try [
            Fixture.message("of a stranger", by: Fixture.secondAuthor), Fixture.message("known", by: known),
            Fixture.message("of the settled one"),
        ]
        #expect(try store.commit(batch).outcomes == [.refused(.storeNearlyFull), .stored, .stored])
        disk.free.withLock { $0 = 3_500_000_000 }
        #expect(try store.commit([batch[0]]).outcomes == [.stored])
    }

    /// Who writes on the command line for the first time is a stranger until it is stored.
    @Test func closeToIt_theNodesOwnPeopleAreTaken_upToTheReserve() throws {
        func own(_ text: String) throws -> [Incoming] {
            [
                Incoming(
                    message: try Fixture.message(text, by: Identity.generate(.ed25519)), receivedAt: Fixture.now,
                    isOwn: true)
            ]
        }
        disk.free.withLock { $0 = 1_100_000_000 }
        #expect(try store.commit(own("first words")).outcomes == [.stored])
        disk.free.withLock { $0 = 900_000_000 }
        #expect(throws: StoreError.self) { try store.commit(own("more")) }
    }

    @Test func whatWasDropped_leavesRoomToGoOn() throws {
        for flood in 0..<12 { try store.commit(Fixture.flood(1_000, keys: 1, padding: 700, prefix: "\(flood)")) }
        disk.free.withLock { $0 = 0 }
        let more = try Fixture.message("more", at: Fixture.now - 90_000_000)
        #expect(throws: StoreError.self) { try store.commit([more]) }
        #expect(try store.prune(Retention(.init(bytes: 1_000)), now: Fixture.now) == 12_000)
        _ = try store.set(Rule(subject: .known(more.key), isActive: true, at: 1))
        #expect(try store.commit([more]).outcomes == [.stored])
    }
}
