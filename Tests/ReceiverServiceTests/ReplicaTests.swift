import Bus
import Foundation
import GRDB
import Messages
import TestSupport
import Testing

@testable import ReceiverService

/// What another store of the node has and this one lacks.
@Suite struct ReplicaTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func take(_ messages: [SignedMessage], receivedAt: Int64 = Fixture.now, refuses2011: Bool = false)
        async throws -> (added: Int, announced: [MessageID])
    {
        let heard = Mailbox<MessageID>()
        let intake = SideIntake(
            store: store, channels: [.tweets], refuses2011: refuses2011,
            policy: Policy(keyRate: nil, sourceRate: nil), clocks: Fixture.clocks(), queue: WorkQueue("test"),
            clock: { Fixture.now },
            announce: { committed in for row in committed.rows { heard.append(row.stored.message.id) } })
        let stored = messages.map { StoredMessage(message: $0, receivedAt: receivedAt, channel: nil) }
        return (Int(try await intake.take(stored).stored), heard.all)
    }

    @Test func messagesThatAreMissing_areStoredAndAnnounced() async throws {
        let messages = try Fixture.messages(5)
        try store.commit(Array(messages[..<2]))
        let (added, announced) = try await take(messages)
        #expect(added == 3)
        #expect(announced == messages[2...].map(\.id))
        #expect(try store.stored(among: messages.map(\.id)).count == 5)
        #expect(try await take(messages).added == 0)
        store.close()
    }

    @Test func whatThePipelineWouldRefuse_isNotTaken() async throws {
        let forged = try Fixture.forged(Fixture.message("forged"))
        let elsewhere = try Fixture.message("elsewhere", channel: Channel("garden"))
        let tomorrow = try Fixture.message("tomorrow", at: Fixture.now + 86_400_000)
        let old = try Fixture.message("2011", by: Fixture.legacyAuthor)
        #expect(try await take([forged, elsewhere, tomorrow, old], refuses2011: true).added == 0)
        #expect(await store.summary()?.messages == 0)
        #expect(try await take([old]).added == 1)
        store.close()
    }

    @Test func messageWithoutAuthorTime_keepsItsPlace_butNotInTheFuture() async throws {
        let early = try Fixture.message("early", by: Fixture.legacyAuthor)
        let late = try Fixture.message("late", by: Fixture.legacyAuthor)
        _ = try await take([early], receivedAt: Fixture.now - 5_000)
        _ = try await take([late], receivedAt: Fixture.now + 5_000)
        let page = await store.page(.after(position: 0, limit: 10))
        #expect(page?.rows.map(\.stored.receivedAt) == [Fixture.now - 5_000, Fixture.now])
        store.close()
    }

    /// What was passed over because nobody took its channel is missing from then on.
    @Test func otherStores_areReadFromTheirBeginning_whenAChannelIsNew() throws {
        let other = Fixture.storeID()
        try store.setReplicaPosition(of: other, to: 7)
        try store.name([.tweets])
        #expect(try store.replicaPosition(of: other) == 7)
        try store.name([.tweets, Channel("garden")])
        #expect(try store.replicaPosition(of: other) == 0)
        try store.setReplicaPosition(of: other, to: 9)
        store.close()
        let again = try Fixture.store(in: directory, channels: [.tweets, Channel("garden")])
        #expect(try again.replicaPosition(of: other) == 9)
        again.close()
    }

    @Test func positionOfAnotherStore_isKept() throws {
        let other = Fixture.storeID()
        #expect(try store.replicaPosition(of: other) == 0)
        try store.setReplicaPosition(of: other, to: 7)
        try store.setReplicaPosition(of: other, to: 9)
        try store.setReplicaPosition(of: Fixture.storeID(), to: 3)
        store.close()
        let again = try Fixture.store(in: directory)
        #expect(try again.replicaPosition(of: other) == 9)
        again.close()
    }
}

/// Stores of earlier versions.
@Suite struct MigrationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A store as version 1 left it, with three messages.
    private func firstVersion() throws -> String {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(3))
        try store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TABLE words;
                    DROP TABLE early;
                    ALTER TABLE store DROP COLUMN believed_at;
                    ALTER TABLE store DROP COLUMN indexed_to;
                    DROP TABLE replicas;
                    DROP TABLE names;
                    DROP TABLE rules;
                    DROP INDEX messages_hidden_by_author;
                    DROP INDEX messages_hidden_by_channel;
                    DROP INDEX messages_by_time;
                    DROP INDEX messages_by_channel;
                    DROP INDEX messages_by_author;
                    DROP INDEX messages_by_author_and_channel;
                    DROP INDEX messages_with_name;
                    ALTER TABLE messages DROP COLUMN name;
                    ALTER TABLE messages DROP COLUMN hidden;
                    ALTER TABLE store DROP COLUMN hidden;
                    ALTER TABLE channels DROP COLUMN bytes;
                    ALTER TABLE channels DROP COLUMN horizon;
                    CREATE INDEX messages_by_time ON messages (sort_at, id);
                    CREATE INDEX messages_by_channel ON messages (channel, sort_at, id);
                    CREATE INDEX messages_by_author ON messages (author, sort_at, id);
                    CREATE INDEX messages_by_author_and_channel ON messages (author, channel, sort_at, id);
                    DELETE FROM grdb_migrations WHERE identifier <> '\(Migrations.names[0])';
                    PRAGMA user_version = 1;
                    """)
        }
        store.close()
        return store.path
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    }

    @Test func olderStore_isBroughtUpToDate_andLeavesNoCopy() async throws {
        _ = try firstVersion()
        let store = try Fixture.store(in: directory)
        #expect(await store.summary()?.messages == 3)
        #expect(try store.replicaPosition(of: Fixture.storeID()) == 0)
        store.close()
        #expect(try files() == ["store.sqlite"])
    }

    @Test func migrationThatFails_leavesTheStoreAndACopy() throws {
        let path = try firstVersion()
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
}

@Suite struct HeldPlacesTests {
    private let other = Fixture.storeID()
    private let start = ContinuousClock.now

    @Test func aPlaceThatIsNotHeld_isTheKeptOne() {
        let places = HeldPlaces()
        places.set(HeldPlaces.Place(reached: 70), of: other, now: start)
        #expect(places.place(of: other, kept: 12, now: start) == HeldPlaces.Place(reached: 12))
    }

    @Test func aHeldPlace_isReadOnBehind_andFromTheKeptOneAfterThePause() {
        let places = HeldPlaces()
        let held = HeldPlaces.Place(reached: 70, isHeld: true)
        places.set(held, of: other, now: start)
        #expect(places.place(of: other, kept: 12, now: start + .seconds(59)) == held)
        // What is read meanwhile does not put it off.
        places.set(HeldPlaces.Place(reached: 90, isHeld: true), of: other, now: start + .seconds(59))
        #expect(places.place(of: other, kept: 12, now: start + .seconds(60)) == HeldPlaces.Place(reached: 12))
        #expect(places.place(of: Fixture.storeID(), kept: 3, now: start) == HeldPlaces.Place(reached: 3))
    }

    @Test func firstEarly_isTheFirstThatIsWantedAndCannotBeYet() throws {
        let directory = try TemporaryDirectory()
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let intake = SideIntake(
            store: store, channels: [.tweets], refuses2011: false, policy: Policy(keyRate: nil, sourceRate: nil),
            clocks: Fixture.clocks(), queue: WorkQueue("test"), clock: { Fixture.now }, announce: { _ in })
        let day: Int64 = 86_400_000
        let messages = try [
            Fixture.message("now"), Fixture.message("elsewhere", at: Fixture.now + day, channel: Channel("garden")),
            Fixture.message("tomorrow", at: Fixture.now + day), Fixture.message("later", at: Fixture.now + 2 * day),
        ]
        let rows = messages.enumerated().map { index, message in
            Row(
                position: UInt64(index + 1),
                stored: StoredMessage(message: message, receivedAt: Fixture.now, channel: nil))
        }
        #expect(intake.firstEarly(rows)?.position == 3)
        #expect(intake.firstEarly(Array(rows.prefix(2))) == nil)
        withExtendedLifetime(directory) {}
    }
}
