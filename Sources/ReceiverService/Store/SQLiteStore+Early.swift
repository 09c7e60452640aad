import Foundation
import GRDB
import Messages

/// A message of the mesh that is dated too far ahead. It is kept aside until its time has come: one of the two clocks is
/// wrong, perhaps ours.
struct EarlyMessage: Sendable {
    /// Its place in the order in which their times come.
    struct Place: Sendable {
        let at: Int64
        let row: Int64

        static let first = Place(at: .min, row: .min)
    }

    let place: Place
    let id: Data
    /// Nil: it cannot be read any more.
    let message: SignedMessage?
}

extension SQLiteStore {
    /// Those behind a place whose time has come, at most ``Limits/houseBatch``.
    ///
    /// - Parameter now: milliseconds since 1970.
    func dueMessages(now: Int64, after place: EarlyMessage.Place = .first) throws(StoreError) -> [EarlyMessage] {
        try explaining {
            try pool.unsafeRead { db in
                let statement = try db.cachedStatement(
                    sql: """
                        SELECT at, rowid, id, message FROM early
                        WHERE at <= ? AND (at, rowid) > (?, ?) ORDER BY at, rowid LIMIT ?
                        """)
                let latest = now + MessageLimits.aheadMilliseconds
                return try GRDB.Row.fetchAll(
                    statement, arguments: [latest, place.at, place.row, Limits.houseBatch]
                ).map { row in
                    EarlyMessage(
                        place: .init(at: row[0], row: row[1]), id: row[2],
                        message: try? SignedMessage(encoded: [UInt8](row[3] as Data)))
                }
            }
        }
    }

    func forgetEarly(_ ids: [Data]) throws(StoreError) {
        try inTransaction { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM early WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id]) }
        }
    }

    /// How many there are, and of how many authors those are that came since then.
    func earlyMessages(since time: Int64) throws(StoreError) -> (messages: Int, authors: Int) {
        try explaining {
            try pool.unsafeRead { db in
                let counts = try db.cachedStatement(
                    sql: """
                        SELECT (SELECT count(*) FROM early),
                            (SELECT count(DISTINCT key) FROM early WHERE received_at >= ?)
                        """)
                let row = try GRDB.Row.fetchOne(counts, arguments: [time])
                return (row?[0] ?? 0, row?[1] ?? 0)
            }
        }
    }

    /// Gives the store a new position without a message: what is remembered by the old one is out of date.
    func advancePosition() throws(StoreError) {
        try writing { db in try db.execute(sql: "UPDATE store SET position = position + 1") }
    }

    /// When the clock was last believed, and when the last messages came. Milliseconds since 1970; nil: never.
    func knownTimes() throws(StoreError) -> (believed: Int64?, arrived: Int64?) {
        try explaining {
            try pool.unsafeRead { db in
                let row = try GRDB.Row.fetchOne(
                    db,
                    sql: """
                        SELECT believed_at, (SELECT max(received_at) FROM
                            (SELECT received_at FROM messages ORDER BY position DESC LIMIT \(Limits.houseBatch)))
                        FROM store
                        """)
                return (row?[0], row?[1])
            }
        }
    }

    /// Remembers that the clock was believed.
    func believe(_ now: Int64) throws(StoreError) {
        try writing { db in
            try db.execute(
                sql: "UPDATE store SET believed_at = ? WHERE believed_at IS NULL OR believed_at < ?",
                arguments: [now, now])
        }
    }
}

/// Keeps messages aside within one transaction.
struct EarlyKeeper {
    private let db: Database
    private let insert: Statement

    init(_ db: Database) throws {
        self.db = db
        insert = try db.cachedStatement(
            sql: """
                INSERT INTO early (id, at, received_at, key, known, bytes, message)
                VALUES (?1, ?2, ?3, ?4,
                    EXISTS (SELECT 1 FROM messages AS m INDEXED BY messages_by_author
                        WHERE m.author = (SELECT author FROM authors WHERE key = ?4) AND m.hidden = 0)
                    OR EXISTS (SELECT 1 FROM rules WHERE kind = 3 AND active = 1 AND subject = CAST(?4 AS BLOB)),
                    length(?5), ?5)
                ON CONFLICT (id) DO NOTHING
                """)
    }

    /// Where there are too many, those of authors of whom nothing is here go first, and those whose time is furthest.
    func keep(_ message: SignedMessage, receivedAt: Int64) throws {
        guard let at = message.at else { return }
        try insert.execute(arguments: [
            message.id.blob, at, receivedAt, message.key.text, Data(message.encoded()),
        ])
        guard db.changesCount == 1 else { return }
        let counts = try db.cachedStatement(sql: "SELECT count(*), total(bytes) FROM early")
        let worst = try db.cachedStatement(sql: "SELECT rowid FROM early ORDER BY known, at DESC LIMIT 1")
        let delete = try db.cachedStatement(sql: "DELETE FROM early WHERE rowid = ?")
        while let row = try GRDB.Row.fetchOne(counts),
            row[0] as Int > Limits.earlyMessages || row[1] as Double > Limits.earlyBytes
        {
            guard let rowid = try Int64.fetchOne(worst) else { return }
            try delete.execute(arguments: [rowid])
        }
    }
}
