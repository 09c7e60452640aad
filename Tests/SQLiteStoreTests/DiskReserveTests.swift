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

    /// A day of patience makes any number of settled authors: they leave room for those who are known.
    @Test func closeToIt_strangersAreRefused_thenTheSettledOnes() throws {
        let before = Fixture.now - 90_000_000
        try store.commit([Fixture.message("settled", at: before)], receivedAt: before)
        let known = Identity.generate(.ed25519)
        _ = try store.set(Rule(subject: .known(known.publicKey), isActive: true, at: 1))
        for (free, stored) in [(3_500_000_000, 3), (2_500_000_000, 2), (1_500_000_000, 1), (1_000_000_000, 1)] {
            disk.free.withLock { $0 = UInt64(free) }
            let batch = try [
                Fixture.message("known \(free)", by: known), Fixture.message("of the settled one \(free)"),
                Fixture.message("of a stranger \(free)", by: .generate(.ed25519)),
            ]
            let expected: [Ack.Outcome] = (0..<3).map { $0 < stored ? .stored : .refused(.storeNearlyFull) }
            #expect(try store.commit(batch).outcomes == expected, "\(free)")
        }
    }

    @Test func authorWhoHoldsNothing_isNotSettled() async throws {
        let before = Fixture.now - 90_000_000
        let loud = try (0..<30).map { try Fixture.message("\($0)", at: before + $0, name: "Ada \($0)") }
        try store.commit(loud, receivedAt: before + 100)
        let keys = [Fixture.author.publicKey]
        #expect(try await store.standings(of: keys, now: Fixture.now)[keys[0]] == .settled)
        #expect(try store.prune(Retention(.init(bytes: 1)), now: Fixture.now) == 30)
        #expect(try await store.standings(of: keys, now: Fixture.now)[keys[0]] == .stranger)
        try store.commit([Fixture.message("anew")])
        #expect(try await store.standings(of: keys, now: Fixture.now + 3_600_000)[keys[0]] == .stranger)
        #expect(try await store.standings(of: keys, now: Fixture.now + 90_000_000)[keys[0]] == .settled)
    }

    /// Each may have claimed 16 of them.
    @Test func namesOfAuthorsWithoutMessages_haveABound() throws {
        let count = 13_000
        try store.pool.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
                    INSERT INTO authors (key, first_seen) SELECT hex(randomblob(26)), \(SQLiteStore.notSeen) FROM numbers;
                    INSERT INTO names SELECT author, hex(randomblob(30)) || n, author FROM authors,
                        (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6
                        UNION SELECT 7 UNION SELECT 8 UNION SELECT 9 UNION SELECT 10);
                    """.replacing("?1", with: "\(count)"))
        }
        try store.forgetAbsent(now: Fixture.now)
        let (authors, names, last) = try store.pool.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM authors") ?? 0,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM names") ?? 0,
                try Int.fetchOne(db, sql: "SELECT max(author) FROM authors") ?? 0
            )
        }
        #expect((8_000..<15_000).contains(authors), "\(authors)")
        #expect(names == authors * 10)
        #expect(last == authors, "the latest are forgotten")
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
