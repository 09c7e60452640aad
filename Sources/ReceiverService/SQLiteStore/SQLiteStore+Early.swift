import Foundation
import GRDB
import Messages
import ReceiverStore

extension SQLiteStore {
    func dueMessages(now: Int64, after place: EarlyMessage.Place) throws(StoreError) -> [EarlyMessage] {
        try reading { db in
            let rows = try GRDB.Row.fetchAll(
                db,
                sql: """
                    SELECT at, rowid, id, message FROM early
                    WHERE at <= ? AND (at, rowid) > (?, ?) ORDER BY at, rowid LIMIT ?
                    """,
                arguments: [
                    now + MessageLimits.aheadMilliseconds, place.at, place.number, StoreLimits.houseBatch,
                ])
            return rows.compactMap { row in
                guard let id = MessageID(bytes: row[2] as Data) else { return nil }
                return EarlyMessage(
                    place: .init(at: row[0], number: row[1]), id: id,
                    message: SignedMessage(trusting: id, encoded: row[3] as Data))
            }
        }
    }

    func forgetEarly(_ ids: [MessageID]) throws(StoreError) {
        try inTransaction { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM early WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id.blob]) }
        }
    }

    func earlyMessages(since time: Int64) throws(StoreError) -> (messages: Int, authors: Int) {
        try reading { db in
            let row = try GRDB.Row.fetchOne(
                db,
                sql: """
                    SELECT (SELECT count(*) FROM early),
                        (SELECT count(DISTINCT key) FROM early WHERE received_at >= ?)
                    """, arguments: [time])
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
    }

    func advancePosition() throws(StoreError) {
        try writing { db in try db.execute(sql: "UPDATE store SET position = position + 1") }
    }

    func knownTimes() throws(StoreError) -> (believed: Int64?, arrived: Int64?) {
        try reading { db in try Self.knownTimes(in: db) }
    }

    static func knownTimes(in db: Database) throws -> (believed: Int64?, arrived: Int64?) {
        let row = try GRDB.Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT believed_at, (SELECT max(received_at) FROM
                        (SELECT received_at FROM messages ORDER BY position DESC LIMIT \(StoreLimits.houseBatch)))
                    FROM store
                    """))
        return (row?[0], row?[1])
    }

    func believe(_ now: Int64) throws(StoreError) {
        try writing { db in
            try db.execute(
                sql: "UPDATE store SET believed_at = ? WHERE believed_at IS NULL OR believed_at < ?",
                arguments: [now, now])
        }
    }

    /// Keeps a message aside within a transaction.
    static func keepEarly(_ message: SignedMessage, receivedAt: Int64, in db: Database) throws {
        guard let at = message.at else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO early (id, at, received_at, key, known, bytes, message)
                VALUES (?1, ?2, ?3, ?4,
                    EXISTS (SELECT 1 FROM messages AS m INDEXED BY messages_by_author
                        WHERE m.author = (SELECT author FROM authors WHERE key = ?4) AND m.hidden = 0)
                    OR EXISTS (SELECT 1 FROM rules WHERE kind = 3 AND active = 1 AND subject = CAST(?4 AS BLOB)),
                    length(?5), ?5)
                ON CONFLICT (id) DO NOTHING
                """
        ).execute(arguments: [message.id.blob, at, receivedAt, message.key.text, Data(message.encoded())])
        guard db.changesCount == 1 else { return }
        let counts = try db.cachedStatement(sql: "SELECT count(*), total(bytes) FROM early")
        let deleteWorst = try db.cachedStatement(
            sql: "DELETE FROM early WHERE rowid = (SELECT rowid FROM early ORDER BY known, at DESC LIMIT 1)")
        while let row = try GRDB.Row.fetchOne(counts),
            row[0] as Int > StoreLimits.earlyMessages || row[1] as Double > StoreLimits.earlyBytes
        {
            try deleteWorst.execute()
        }
    }
}
