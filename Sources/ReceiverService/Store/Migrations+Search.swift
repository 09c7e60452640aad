import Foundation
import GRDB
import Messages

extension Migrations {
    /// The words of every message, found by its position.
    ///
    /// The texts themselves are not kept a second time. The words come in as ``SearchWords`` folds and parts them, so that
    /// all that SQLite has to do is to part them at the spaces.
    static func search(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE VIRTUAL TABLE words USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii')
                """)
        let index = try WordIndex(db)
        let cursor = try Row.fetchCursor(db, sql: "SELECT position, message FROM messages ORDER BY position")
        while let row = try cursor.next() {
            // A message that cannot be read any more is on no page either.
            guard let message = try? SignedMessage(encoded: [UInt8](row[1] as Data)) else { continue }
            try index.add(message, at: row[0])
        }
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

    func add(_ message: SignedMessage, at position: Int64) throws {
        insert.setUncheckedArguments([position, SearchWords.indexed(message.text)])
        try insert.execute()
    }

    /// The index keeps no texts: it has to be told what it was given.
    func remove(_ message: SignedMessage, at position: Int64) throws {
        try delete.execute(arguments: [position, SearchWords.indexed(message.text)])
    }
}
