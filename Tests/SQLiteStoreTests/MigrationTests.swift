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

    @Test func olderStore_learnsTheClaimsThatItHas_andKeepsItsRules() async throws {
        let store = try Fixture.store(in: directory)
        let hidden = try Fixture.message("hidden", at: Fixture.now + 7, name: "Nobody")
        try store.commit([
            try Fixture.message("hello", name: "Ada"),
            try Fixture.message("mentions +name in its text", at: Fixture.now + 1), hidden,
        ])
        _ = try store.set(Rule(subject: .message(hidden.id), isActive: true, at: 1))
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TABLE early;
                    ALTER TABLE store DROP COLUMN believed_at;
                    ALTER TABLE store DROP COLUMN indexed_to;
                    DROP INDEX messages_with_name;
                    ALTER TABLE messages DROP COLUMN name;
                    DELETE FROM grdb_migrations WHERE identifier >= '5';
                    DROP TABLE names;
                    DROP INDEX rules_by_likeness;
                    ALTER TABLE rules DROP COLUMN likeness;
                    PRAGMA user_version = 4;
                    """)
        }
        store.close()
        let opened = try Fixture.store(in: directory)
        defer { opened.close() }
        let page = await opened.page(.timeline(.init(limit: 9)))
        #expect(page?.rows.map { $0.author.shown?.text } == ["Ada", "Ada"])
        let rules = await opened.rules(.hiddenMessage, limit: 9)?.rules
        #expect(rules?.map(\.subject) == [.message(hidden.id)])
    }
}
