import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// Stores whose pages have no seals, from an older p2pmsg or from other programs.
@Suite(.timeLimit(.minutes(2))) struct SealingTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func verdicts(_ path: String) throws -> Set<PageSeal.Verdict> {
        let bytes = try DamagedFile(path).bytes
        return bytes.withUnsafeBytes { bytes in
            Set(
                (0..<bytes.count / 4_096).map { index in
                    let page = UnsafeRawBufferPointer(rebasing: bytes[index * 4_096..<(index + 1) * 4_096])
                    return PageSeal.verdict(of: page, number: UInt32(index + 1))
                })
        }
    }

    /// A store as p2pmsg made it before there were seals, in write-ahead mode.
    private func oldStore(_ messages: [SignedMessage], name: String = "old.sqlite") throws -> String {
        let new = try Fixture.store(in: directory, name: "model.sqlite")
        try new.commit(messages)
        new.close()
        let path = directory.file(name)
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = \(StoreHeader.applicationID)")
            try db.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try Migrations.migrator().migrate(queue)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH ? AS model", arguments: [new.path])
            for table in ["channels", "authors", "messages"] {
                try db.execute(sql: "INSERT INTO main.\(table) SELECT * FROM model.\(table)")
            }
            try db.execute(sql: "UPDATE main.store SET position = (SELECT position FROM model.store)")
            try db.execute(sql: "DETACH model")
        }
        try Conversion.complete(queue) { _, _ in }
        try queue.close()
        return path
    }

    @Test func open_ofANewStore_sealsEveryPage() throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(300))
        store.close()
        #expect(try verdicts(store.path) == [.intact])
        let tool = try Self.sqlite(store.path, "PRAGMA integrity_check")
        #expect(tool == "ok\n")
        #expect(try verdicts(store.path) == [.intact], "a look with another program changes nothing")
    }

    @Test func open_ofAnOldStore_givesItSealsAndKeepsEverything() async throws {
        let messages = try Fixture.messages(300)
        let path = try oldStore(messages)
        #expect(try verdicts(path).contains(.intact) == false)
        let before = try Self.sqlite(path, "SELECT id FROM store")
        let store = try SQLiteStore.open(path: path, channels: [.tweets])
        #expect(before == "\(store.id)\n")
        #expect(try await store.stored(among: messages.map(\.id)) == Set(messages.map(\.id)))
        #expect(try store.commit(Fixture.messages(5, prefix: "new")).position == 305)
        store.close()
        #expect(try verdicts(path) == [.intact])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == [
                "model.sqlite", "old.sqlite",
            ])
    }

    @Test func open_ofAnOldStoreThatIsDamaged_refusesAndLeavesIt() throws {
        let path = try oldStore(Fixture.messages(300))
        // In an index: its keys no longer are in their order.
        try Self.sqlite(path, "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'messages_by_time'")
        let before = try DamagedFile(path).bytes
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore.open(path: path, channels: [.tweets])
        }
        #expect(error?.code == .damaged, "\(String(describing: error))")
        #expect(try DamagedFile(path).bytes.count == before.count)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == [
                "model.sqlite", "old.sqlite",
            ])
    }

    @Test func open_ofAnOldStoreThatOthersUse_saysToStopThem() throws {
        let path = try oldStore(Fixture.messages(10))
        let other = try DatabaseQueue(path: path)
        defer { try? other.close() }
        _ = try other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM messages") }
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore.open(path: path, channels: [.tweets])
        }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("stop its other receivers") == true)
    }

    @Test func open_ofACopyThatTheSQLiteToolMade_givesItSeals() async throws {
        let store = try Fixture.store(in: directory)
        let messages = try Fixture.messages(300)
        try store.commit(messages)
        let copy = directory.file("copy.sqlite")
        try Self.sqlite(store.path, "VACUUM INTO '\(copy)'")
        store.close()
        #expect(try verdicts(copy) == [.unsealed])
        let opened = try SQLiteStore.open(path: copy, channels: [.tweets])
        #expect(opened.id == store.id)
        #expect(try await opened.stored(among: messages.map(\.id)).count == 300)
        opened.close()
        #expect(try verdicts(copy) == [.intact])
    }

    /// What a killed receiver left in its log, and another program copied into the file.
    @Test func open_afterAnotherProgramCopiedTheLog_findsNoDamage() async throws {
        let store = try Fixture.store(in: directory)
        let messages = try Fixture.messages(300)
        for message in messages.prefix(50) { try store.commit([message]) }
        try await store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        for message in messages.dropFirst(50) { try store.commit([message]) }
        let path = directory.file("killed.sqlite")
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: store.path + suffix, toPath: path + suffix)
        }
        store.close()
        try Self.sqlite(path, "PRAGMA wal_checkpoint(TRUNCATE)")
        #expect(try verdicts(path) == [.intact, .unsealed])
        let opened = try SQLiteStore.open(path: path, channels: [.tweets])
        #expect(try await opened.stored(among: messages.map(\.id)).count == 300)
        opened.close()
        #expect(try verdicts(path) == [.intact])
    }

    @Test func copy_ofALargeStore_isSealedAsAWhole() throws {
        let store = try Fixture.store(in: directory)
        try store.commit(Fixture.messages(2_000))
        let copy = directory.file("copy.sqlite")
        try store.pool.writeWithoutTransaction { db in
            // So little that pages are written before the first one.
            try db.execute(sql: "PRAGMA cache_size = 20")
            try SQLiteStore.copy(db, to: copy)
        }
        store.close()
        #expect(try verdicts(copy) == [.intact])
    }

    @discardableResult
    private static func sqlite(_ path: String, _ statement: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/sqlite3")
        process.arguments = [path, statement]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return text
    }
}
