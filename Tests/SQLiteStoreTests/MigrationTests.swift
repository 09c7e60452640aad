import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// Stores of earlier versions.
@Suite struct MigrationTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("store.sqlite") }

    init() throws { directory = try TemporaryDirectory() }

    private func firstVersion() throws {
        try OldStore.make(at: path, version: 1, Fixture.messages(3).map { ($0, Fixture.now + 9) })
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    @Test func olderStore_isBroughtUpToDate_andLeavesNoCopy() async throws {
        try firstVersion()
        // As a try before left it that was interrupted when it was done.
        try directory.write("a copy", to: "store.sqlite.version-1")
        let store = try Fixture.store(in: directory)
        #expect(await store.summary()?.messages == 3)
        #expect(try store.replicaPosition(of: Fixture.storeID()) == 0)
        store.close()
        #expect(try files() == ["store.sqlite"])
    }

    @Test func migrationThatFails_leavesTheStoreAndACopy() throws {
        try firstVersion()
        let file = try DatabaseQueue(path: path)
        try file.write { try $0.execute(sql: "CREATE TABLE replicas (mine TEXT)") }
        try file.close()
        #expect(throws: StoreError.self) { try Fixture.store(in: directory) }
        for name in ["store.sqlite", "store.sqlite.version-1"] {
            #expect(try files().contains(name))
            let database = try DatabaseQueue(path: directory.file(name))
            let state = try database.read { db in
                (
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM messages"),
                    try Int.fetchOne(db, sql: "PRAGMA user_version")
                )
            }
            #expect(state == (3, 1), "\(name)")
            try database.close()
        }
    }

    @Test func olderStore_learnsTheClaimsThatItHas_andKeepsItsRules() async throws {
        let hidden = try Fixture.message("hidden", at: Fixture.now + 7, name: "Nobody")
        let messages = try [
            Fixture.message("hello", name: "Ada"),
            Fixture.message("mentions +name in its text", at: Fixture.now + 1), hidden,
        ]
        try OldStore.make(
            at: path, version: 4, messages.map { ($0, Fixture.now + 9) },
            """
            INSERT INTO rules VALUES (1, x'\(hidden.id.hex)', 1, 1, '');
            UPDATE messages SET hidden = 1 WHERE position = 3;
            UPDATE store SET hidden = 1;
            """)
        let opened = try Fixture.store(in: directory)
        defer { opened.close() }
        let page = await opened.page(.timeline(.init(limit: 9)))
        #expect(page?.rows.map { $0.author.shown?.text } == ["Ada", "Ada"])
        let rules = await opened.rules(.hiddenMessage, limit: 9)?.rules
        #expect(rules?.map(\.subject) == [.message(hidden.id)])
    }

    // MARK: - Version 8

    /// Of all that is brought over in its own way.
    private static func mixture() throws -> [(message: SignedMessage, receivedAt: Int64)] {
        let forgery = try Fixture.message("said by the author", by: Fixture.legacyAuthor)
        var signals = forgery.signals
        signals["+message"] = "not said by the author"
        let ahead = try Fixture.message("ahead", at: Fixture.now + 800_000, by: Fixture.secondAuthor)
        let special = try [
            ahead, forgery, SignedMessage(signals: signals), Fixture.message("peace \u{FDFA} \u{FDFA}"),
            Fixture.message("hello", name: "Ada"),
        ]
        return try (Fixture.messages(60) + Fixture.flood(40) + special).enumerated().map {
            ($1, Fixture.now + Int64($0))
        }
    }

    /// Everything that a store holds, as text.
    private static func contents(_ path: String) throws -> [String] {
        try Connections.alone(path) { db in
            var all = try String.fetchAll(db, sql: "SELECT type || name || tbl_name FROM sqlite_master ORDER BY 1")
            for (table, order) in [
                ("messages", "position"), ("authors", "author"), ("channels", "channel"), ("names", "since"),
                ("rules", "subject"),
            ] {
                all += try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY \(order)").map(\.description)
            }
            all += try Row.fetchAll(db, sql: "SELECT position, messages, authors FROM store").map(\.description)
            for word in ["peace", "\u{FDFA}", "الله", "flood", "message"] {
                all += try Row.fetchAll(db, sql: "SELECT rowid FROM words WHERE words MATCH ?", arguments: [word]).map {
                    "\(word) \($0)"
                }
            }
            try db.execute(sql: "INSERT INTO words (words) VALUES ('integrity-check')")
            return all
        }
    }

    @Test func olderStore_isLikeOneThatTookTheSameMessages() async throws {
        let mixture = try Self.mixture()
        try OldStore.make(
            at: path, version: 8, mixture,
            "INSERT INTO rules VALUES (3, CAST('\(Fixture.author.publicKey.text)' AS BLOB), 1, 1, 'me', 'me')")
        let store = try Fixture.store(in: directory)
        let new = try Fixture.store(in: directory, name: "new.sqlite")
        _ = try new.set(Rule(calling: Fixture.author.publicKey, DisplayName("me"), at: 1))
        for one in mixture where one.message.text != "not said by the author" {
            try new.commit([one.message], receivedAt: one.receivedAt)
        }
        // Of two with one signature both are still there, and that is new is refused.
        let query = Query.timeline(.init(limit: 500))
        let rows = try #require(await store.page(query)?.rows.map(\.stored))
        let expected = try #require(await new.page(query)?.rows.map(\.stored))
        #expect(rows.filter { $0.message.text != "not said by the author" } == expected)
        #expect(rows.count == expected.count + 1)
        #expect(rows.firstIndex { $0.message.text == "ahead" } != 0, "a clock ahead owns nothing any more")
        #expect(try store.commit([mixture[102].message]).outcomes == [.duplicate])
        #expect(try new.commit([mixture[102].message]).outcomes == [.refused(.signatureUsed)])
        let now = Fixture.now + 86_500_000
        let keys = Set(mixture.map(\.message.key))
        #expect(try await store.standings(of: Array(keys), now: now) == new.standings(of: Array(keys), now: now))
        for sql in [
            "SELECT key, first_seen, known FROM authors WHERE key LIKE 'ed25519%' ORDER BY key",
            "SELECT id, place, ahead, signature, name, hidden FROM messages "
                + "WHERE id <> x'\(mixture[102].message.id.hex)' ORDER BY place, id",
        ] {
            let (old, young) = (
                try store.pool.read { db in try Row.fetchAll(db, sql: sql) },
                try new.pool.read { db in try Row.fetchAll(db, sql: sql) }
            )
            #expect(old == young)
        }
        for word in ["peace", "\u{FDFA}"] {
            let found = await store.page(.timeline(.init(search: try SearchQuery(word), limit: 9)))?.rows
            #expect(found?.map(\.stored.message.text) == ["peace \u{FDFA} \u{FDFA}"])
        }
        // What is in the index as it was given can be taken out as well.
        #expect(try store.prune(Retention(.init(age: .seconds(1))), now: Fixture.now + 9_000_000) == 105)
        let left = try await store.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM words WHERE words MATCH 'peace'")
        }
        #expect(left == 0)
        store.close()
        new.close()
    }

    /// More letters look alike since then, and what authors are called is kept with them.
    @Test func olderStore_knowsWhoHasAName() async throws {
        let messages = try [
            Fixture.message("hello", name: "A|ison"), Fixture.message("hidden", at: Fixture.now + 1, name: "Nobody"),
        ]
        try OldStore.make(
            at: path, version: 8, messages.map { ($0, Fixture.now + 9) },
            "UPDATE messages SET hidden = 1 WHERE position = 2; UPDATE names SET likeness = 'a|ison' WHERE since = 1")
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let rows = try store.commit([Fixture.message("mine", by: Fixture.secondAuthor, name: "Alison")]).rows
        #expect(rows.map(\.author.namesake) == [Fixture.author.publicKey])
        let page = await store.page(.after(position: 0, limit: 1))
        #expect(page?.rows.map(\.author) == [AuthorName(claimed: try DisplayName("A|ison"), pinned: nil)])
    }

    /// The process may end after each transaction: the next start goes on and comes to the same end.
    @Test func conversionThatIsInterrupted_goesOnWhereItWas() throws {
        try OldStore.make(at: path, version: 8, Self.mixture())
        var (snapshots, seen): ([String], Set<Int64>) = ([], [])
        let whole = try DatabasePool(path: path, configuration: Connections.pool(patience: Patience()))
        try Migrations.migrator().migrate(whole)
        try Conversion.complete(whole, batch: 10) { done, all in
            #expect(done <= all && all == 105)
            seen.insert(done)
            // As a kill leaves it.
            let copy = directory.file("cut-\(snapshots.count).sqlite")
            for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
                do { try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix) } catch {
                    Issue.record(error)
                }
            }
            snapshots.append(copy)
        }
        try whole.close()
        #expect(seen.count == 11)
        #expect(snapshots.count > 18, "batches and indexes")
        let expected = try Self.contents(path)
        #expect(expected.count > 150)
        for snapshot in snapshots {
            let pool = try DatabasePool(path: snapshot, configuration: Connections.pool(patience: Patience()))
            try Conversion.complete(pool, batch: 10) { _, _ in }
            try pool.close()
            #expect(try Self.contents(snapshot) == expected, "\(snapshot)")
        }
    }

    @Test func olderStore_withoutRoomOnTheDisk_isLeftAsItIs() throws {
        try OldStore.make(at: path, version: 8, Self.mixture())
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64 ?? 0
        func open(free: UInt64) throws -> SQLiteStore {
            try SQLiteStore.open(
                path: path, channels: [.tweets], disk: DiskReserve { .init(free: free, all: 100_000_000_000) })
        }
        let error = #expect(throws: StoreError.self) { try open(free: 1_000_000_000 + 2 * size) }
        #expect(error?.code == .diskFull)
        #expect(error?.message.contains("as it was") == true)
        #expect(try !files().contains("store.sqlite.version-8"))
        try open(free: 1_000_000_000 + 4 * size).close()
    }

    @Test func firstDayAfterAnUpgrade_dropsNothingOfStrangers() async throws {
        try OldStore.make(
            at: path, version: 8, Fixture.flood(300, keys: 2, padding: 500).map { ($0, Fixture.now + 1_000) })
        var retention = Retention()
        retention.strangerBytes = 100_000
        for hours: Int64 in [1, 12, 24] {
            let store = try Fixture.store(in: directory)
            let now = Fixture.now + hours * 3_600_000
            #expect(try store.sparedMessages(retention, now: nil) == 0)
            #expect(try store.sparedMessages(retention, now: now) > 100)
            #expect(try store.prune(retention, now: now) == 0)
            store.close()
        }
        let store = try Fixture.store(in: directory)
        let now = Fixture.now + 26 * 3_600_000
        #expect(try store.sparedMessages(retention, now: now) == 0)
        #expect(try store.prune(retention, now: now) > 100)
        store.close()
    }
}
