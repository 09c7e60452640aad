import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct StoreOpeningTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func open_whenThereIsNoFile_makesAnEmptyStoreInADirectoryOfItsOwn() async throws {
        let store = try Fixture.store(in: directory, name: "a/b/store.sqlite")
        #expect(await store.summary()?.messages == 0)
        #expect(try await store.position() == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("a/b"))
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        store.close()
    }

    @Test func open_whenTheFileIsEmpty_makesAStore() throws {
        let path = try directory.write("", to: "store.sqlite")
        let store = try Fixture.store(in: directory)
        #expect(store.path == path)
        store.close()
    }

    /// In a directory that others may look into. They would read what is hidden, and with a lock stop all writing.
    @Test(arguments: [nil, 0o644, 0o640, 0o666])
    func files_areNoBusinessOfOtherUsers(before: Int?) throws {
        let path = directory.file("store.sqlite")
        if let before {
            try Fixture.store(in: directory).close()
            try FileManager.default.setAttributes([.posixPermissions: before], ofItemAtPath: path)
        }
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        try store.commit(Fixture.messages(1))
        for suffix in ["", "-wal", "-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path + suffix)[.posixPermissions] as? Int
            #expect(mode == before.map { $0 & 0o770 } ?? 0o600, "\(suffix)")
        }
    }

    @Test func close_leavesOneFile() async throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(10))
        #expect(try await store.position() == 10)
        store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["store.sqlite"])
    }

    @Test func aStoreIsDurableAndMarked() throws {
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        func pragma(_ name: String) throws -> String? {
            try store.pool.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(name)") }
        }
        #expect(try pragma("synchronous") == "2")  // FULL
        #expect(try pragma("journal_mode") == "wal")
        #expect(try pragma("application_id") == "\(StoreHeader.applicationID)")
        #expect(try pragma("user_version") == "\(Migrations.version)")
    }

    @Test func theSchemaHasEveryMigration() throws {
        let store = try Fixture.store(in: directory)
        defer { store.close() }
        let applied = try store.pool.read { db in
            try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY CAST(identifier AS INTEGER)")
        }
        #expect(applied == Migrations.names)
        #expect(Set(Migrations.names).count == Migrations.version)
    }

    @Test(arguments: ["short", String(repeating: "this is a text file\n", count: 500)])
    func open_whenTheFileIsNoDatabase_refusesAndLeavesIt(text: String) throws {
        let path = try directory.write(text, to: "store.sqlite")
        #expect(throws: StoreError.notADatabase(path)) { try Fixture.store(in: directory) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["store.sqlite"])
    }

    @Test func open_whenTheDatabaseIsAnotherPrograms_refusesAndLeavesIt() throws {
        let path = directory.file("store.sqlite")
        let other = try DatabaseQueue(path: path)
        try other.write { try $0.execute(sql: "CREATE TABLE messages (id INTEGER); INSERT INTO messages VALUES (7)") }
        try other.close()
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(throws: StoreError.foreign(path)) { try Fixture.store(in: directory) }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["store.sqlite"])
    }

    @Test(arguments: ["PRAGMA user_version = 1000", "INSERT INTO grdb_migrations VALUES ('2 something new')"])
    func open_whenTheStoreIsNewer_refusesAndSaysUpgrade(change: String) throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(3))
        try store.pool.writeWithoutTransaction { try $0.execute(sql: change) }
        store.close()
        let path = store.path
        let before = try Data(contentsOf: URL(filePath: path))
        let error = #expect(throws: StoreError.self) { try Fixture.store(in: directory) }
        #expect(error?.code == .newer)
        #expect(error?.message == "the store \(path) was written by a newer p2pmsg; upgrade")
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test func open_whenThePathIsADirectory_refuses() throws {
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore.open(path: directory.path, channels: [])
        }
        #expect(error?.code == .unreadable)
        #expect(error?.message.contains(directory.path) == true)
    }

    @Test func open_whenThePathLeadsThroughAFile_refuses() throws {
        try directory.write("x", to: "file")
        let error = #expect(throws: StoreError.self) { try Fixture.store(in: directory, name: "file/store.sqlite") }
        #expect(error.map { [.notWritable, .unreadable].contains($0.code) } == true)
    }
}
