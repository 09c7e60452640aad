import Foundation
import GRDB
import Messages
import ReceiverStore
import TextSearch

/// Brings the messages of an older store into the form of ``Migrations/places(_:)``.
///
/// Each step is a transaction, and where the last one ended is seen from what is there: however often it is interrupted, it
/// goes on and comes to the same end.
enum Conversion {
    static func complete(
        _ pool: some DatabaseWriter, batch: Int = Limits.conversionBatch, progress: StoreLocation.Progress
    ) throws {
        // Where nothing is to be done, nobody's lock is waited for.
        guard try pool.read({ try isDue($0) }) else { return }
        let all = try pool.read { try Int64.fetchOne($0, sql: "SELECT max(position) FROM old_messages") ?? 0 }
        try pool.writeWithoutTransaction { db in
            db.add(function: placeFunction)
            db.add(function: weightFunction)
            db.add(function: stretchFunction)
            defer { [placeFunction, weightFunction, stretchFunction].forEach(db.remove(function:)) }
            while let done = try inTransaction(db, { try step(batch, db) }) { progress(done, all) }
        }
        for index in Migrations.messageIndexes {
            try pool.write { db in try db.execute(sql: "CREATE INDEX IF NOT EXISTS \(index)") }
            progress(all, all)
        }
        try pool.write { db in try count(db) }
    }

    private static func isDue(_ db: Database) throws -> Bool { try db.tableExists("old_messages") }

    private static func inTransaction(_ db: Database, _ body: () throws -> Int64?) throws -> Int64? {
        var value: Int64?
        try db.inTransaction(.immediate) {
            value = try body()
            return .commit
        }
        return value
    }

    /// - Returns: up to which position all are converted; nil when that is all.
    private static func step(_ batch: Int, _ db: Database) throws -> Int64? {
        let start = try Int64.fetchOne(db, sql: "SELECT max(position) FROM messages") ?? 0
        try db.cachedStatement(
            sql: """
                INSERT INTO messages
                SELECT m.position, m.id, convert_place(min(m.sort_at, m.received_at), m.id), m.received_at, m.channel,
                    m.author, m.message, m.hidden, m.name, convert_weight(length(m.message)),
                    CASE WHEN a.key >= 'ed25519:' AND a.key < 'ed25519;' THEN max(0, m.sort_at - m.received_at) END,
                    NULL
                FROM old_messages AS m CROSS JOIN authors AS a ON a.author = m.author
                WHERE m.position > ? ORDER BY m.position LIMIT ?
                """
        ).execute(arguments: [start, batch])
        guard let end = try Int64.fetchOne(db, sql: "SELECT max(position) FROM messages"), end > start else {
            return nil
        }
        try finish(start, end, in: db)
        return end
    }

    /// What only the message itself tells: its signature, where that is of 2011, and words that would be much longer.
    private static func finish(_ start: Int64, _ end: Int64, in db: Database) throws {
        let indexed = try Int64.fetchOne(db, sql: "SELECT coalesce(indexed_to, \(Int64.max)) FROM store") ?? 0
        let words = try WordIndex(db)
        let sign = try db.cachedStatement(sql: "UPDATE OR IGNORE messages SET signature = ? WHERE position = ?")
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT position, id, message, ahead IS NULL FROM messages
                WHERE position > ? AND position <= ? AND (ahead IS NULL OR convert_stretch(message))
                """, arguments: [start, end])
        for row in rows {
            guard let id = MessageID(bytes: row[1] as Data),
                let message = SignedMessage(trusting: id, encoded: row[2] as Data)
            else { continue }
            let position: Int64 = row[0]
            // Of several that have one signature the first one has it.
            if let signature = message.signatureID { try sign.execute(arguments: [signature.blob, position]) }
            let old = SearchWords.indexed(message.text, stretching: true)
            guard position <= indexed, old != SearchWords.indexed(message.text) else { continue }
            try words.remove(old, at: position)
            try words.add(SearchWords.indexed(message.text), at: position)
        }
    }

    /// Who holds how much, who is known, and what all are called. With it the older form goes, the mark that this is to be done.
    private static func count(_ db: Database) throws {
        try db.execute(
            sql: """
                DROP TABLE old_messages;
                UPDATE authors SET first_seen = of.first, messages = of.count, bytes = of.sum
                FROM (SELECT author, min(received_at) AS first, count(*) AS count, sum(bytes) AS sum
                    FROM messages GROUP BY author) AS of
                WHERE of.author = authors.author;
                UPDATE authors SET known = 1 WHERE CAST(key AS BLOB) IN
                    (SELECT subject FROM rules WHERE kind IN (3, 4) AND active = 1);
                DELETE FROM authors WHERE messages = 0 AND author NOT IN (SELECT author FROM names);
                UPDATE authors SET first_seen = \(SQLiteStore.notSeen) WHERE messages = 0;
                UPDATE store SET authors = (SELECT count(*) FROM authors WHERE messages > 0);
                UPDATE channels SET bytes = 0;
                \(channelBytesSQL);
                """)
        for author in try Int64.fetchAll(db, sql: "SELECT DISTINCT author FROM names") {
            try NameRegistry.update(author, in: db)
        }
    }

    static let channelBytesSQL = """
        UPDATE channels SET bytes = of.sum FROM (SELECT channel, sum(bytes) AS sum FROM messages GROUP BY channel) AS of
        WHERE of.channel = channels.channel
        """

    private static let placeFunction = DatabaseFunction("convert_place", argumentCount: 2, pure: true) { values in
        guard let time = Int64.fromDatabaseValue(values[0]),
            let id = Data.fromDatabaseValue(values[1]).flatMap({ MessageID(bytes: $0) })
        else { return nil }
        return Place.of(time, id)
    }

    private static let weightFunction = DatabaseFunction("convert_weight", argumentCount: 1, pure: true) { values in
        Int.fromDatabaseValue(values[0]).map { Weight.ofOlder(encoded: $0) }
    }

    /// Whether anything in a message is folded to much more than it is. The signatures and keys are plain.
    private static let stretchFunction = DatabaseFunction("convert_stretch", argumentCount: 1, pure: true) { values in
        Data.fromDatabaseValue(values[0]).map { data in
            data.contains { $0 >= 0x80 }
                && String(decoding: data, as: UTF8.self).unicodeScalars.contains(where: SearchWords.stretches)
        }
    }
}
