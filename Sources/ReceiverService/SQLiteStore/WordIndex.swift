import Foundation
import GRDB
import Messages
import ReceiverStore
import TextSearch

/// Completes the index of words.
enum WordIndexing {
    static func complete(_ pool: DatabasePool, progress: StoreLocation.Progress) throws {
        // Where nothing is to be done, nobody's lock is waited for.
        let isDue = try pool.read { db in try Int64.fetchOne(db, sql: "SELECT indexed_to FROM store") != nil }
        guard isDue else { return }
        while let (done, all) = try pool.write({ db in try step(db) }) { progress(done, all) }
    }

    /// - Returns: nil when it is complete.
    private static func step(_ db: Database) throws -> (done: Int64, all: Int64)? {
        guard let row = try Row.fetchOne(db, sql: "SELECT indexed_to, position FROM store"),
            let start = row[0] as Int64?
        else { return nil }
        let index = try WordIndex(db)
        var last: Int64?
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT position, message FROM messages WHERE position > ? ORDER BY position LIMIT ?",
            arguments: [start, Limits.indexBatch])
        while let row = try cursor.next() {
            last = row[0]
            // A message that cannot be read any more is on no page either.
            guard let message = try? SignedMessage(encoded: [UInt8](row[1] as Data)) else { continue }
            try index.add(SearchWords.indexed(message.text), at: row[0])
        }
        try db.execute(sql: "UPDATE store SET indexed_to = ?", arguments: [last])
        return last.map { ($0, row[1]) }
    }
}

/// The index of words within one transaction.
struct WordIndex {
    private let insert: Statement
    private let delete: Statement

    init(_ db: Database) throws {
        insert = try db.cachedStatement(sql: "INSERT INTO words (rowid, text) VALUES (?, ?)")
        delete = try db.cachedStatement(sql: "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)")
    }

    /// - Parameter words: ``SearchWords/indexed(_:)``.
    func add(_ words: String, at position: Int64) throws {
        insert.setUncheckedArguments([position, words])
        try insert.execute()
    }

    /// The index keeps no texts: it has to be told what it was given.
    func remove(_ words: String, at position: Int64) throws {
        try delete.execute(arguments: [position, words])
    }
}
