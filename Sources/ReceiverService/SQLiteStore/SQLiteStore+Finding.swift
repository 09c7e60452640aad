import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import TelehashWire
import TextSearch

/// What a few digits or a name stand for. Each question is a range or two of an index.
extension SQLiteStore {
    static func find(_ sought: Query.Sought, in db: Database) throws -> [Candidate] {
        switch sought {
        case .message(let prefix): try messages(prefix, in: db)
        case .key(let prefix, let suffix): try authors(prefix, suffix, in: db)
        case .name(let name): try authors(called: name, in: db)
        }
    }

    /// Also those that were hidden before they came: they can be shown again.
    private static func messages(_ prefix: String, in db: Database) throws -> [Candidate] {
        let padding = 64 - prefix.utf8.count
        guard padding > 0, padding <= 64 - BusLimits.prefixDigits,
            let first = MessageID(hex: prefix + String(repeating: "0", count: padding)),
            let last = MessageID(hex: prefix + String(repeating: "f", count: padding))
        else { return [] }
        let statement = try db.cachedStatement(
            sql: """
                SELECT * FROM (SELECT id FROM messages
                    WHERE substr(id, 1, 8) BETWEEN substr(?1, 1, 8) AND substr(?2, 1, 8) AND id BETWEEN ?1 AND ?2 LIMIT ?3)
                UNION SELECT * FROM (
                    SELECT subject FROM rules WHERE kind = 1 AND subject BETWEEN ?1 AND ?2 AND active = 1 LIMIT ?3)
                LIMIT ?3
                """)
        return try Data.fetchAll(statement, arguments: [first.blob, last.blob, BusLimits.candidates])
            .compactMap { MessageID(bytes: $0).map { .message($0) } }
    }

    /// Also those that are blocked or pinned and never wrote.
    private static func authors(_ prefix: String, _ suffix: String, in db: Database) throws -> [Candidate] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT * FROM (
                    SELECT key FROM authors WHERE key BETWEEN ?1 AND ?1 || '~'
                    AND (?2 = '' OR substr(key, -length(?2)) = ?2)
                    AND (messages > 0 OR EXISTS (SELECT 1 FROM names AS n WHERE n.author = authors.author)) LIMIT ?3)
                UNION SELECT * FROM (
                    SELECT CAST(subject AS TEXT) FROM rules WHERE kind IN (2, 3)
                    AND subject BETWEEN CAST(?1 AS BLOB) AND CAST(?1 || '~' AS BLOB)
                    AND (?2 = '' OR substr(CAST(subject AS TEXT), -length(?2)) = ?2) AND active = 1 LIMIT ?3)
                LIMIT ?3
                """)
        let keys = try String.fetchAll(statement, arguments: [prefix, suffix, BusLimits.candidates])
        return try candidates(keys, in: db)
    }

    private static func authors(called name: DisplayName, in db: Database) throws -> [Candidate] {
        let pinned = try String.fetchAll(
            db.cachedStatement(sql: pinnedSQL), arguments: [name.likeness, name.text, BusLimits.candidates])
        let claimed = try String.fetchAll(
            db.cachedStatement(sql: claimantsSQL), arguments: [name.likeness, StoreLimits.claimants, name.text])
        let keys = pinned + claimed.filter { !pinned.contains($0) }
        return try candidates(Array(keys.prefix(BusLimits.candidates)), in: db)
    }

    static let pinnedSQL = """
        SELECT CAST(subject AS TEXT) FROM rules WHERE likeness = ? AND kind = 3 AND active = 1 AND reason = ? LIMIT ?
        """

    /// What looks alike is another name.
    static let claimantsSQL = """
        SELECT key FROM (SELECT key, name FROM authors INDEXED BY authors_by_likeness
            WHERE likeness = ? ORDER BY since LIMIT ?) WHERE name = ?
        """

    private static func candidates(_ keys: [String], in db: Database) throws -> [Candidate] {
        let names = NameReader(db)
        let author = try db.cachedStatement(sql: "SELECT author FROM authors WHERE key = ?")
        let pin = try db.cachedStatement(
            sql: "SELECT reason FROM rules WHERE kind = 3 AND active = 1 AND subject = CAST(? AS BLOB)")
        return try keys.compactMap { text in
            guard let key = try? PublicKey(text) else { return nil }
            if let number = try Int64.fetchOne(author, arguments: [text]) {
                return .author(key, try names.name(of: number))
            }
            let pinned = try String.fetchOne(pin, arguments: [text]).flatMap { try? DisplayName($0) }
            return .author(key, AuthorName(claimed: nil, pinned: pinned))
        }
    }

    static let channelsSQL = """
        SELECT c."end", c.name, c.messages, (
            SELECT \(Place.timeSQL("m.place")) FROM messages AS m INDEXED BY messages_by_channel
            WHERE m.channel = c.channel AND m.hidden = 0 ORDER BY m.place DESC LIMIT 1)
        FROM channels AS c ORDER BY c.messages DESC LIMIT ?
        """

    static func channels(_ db: Database) throws -> [ChannelActivity] {
        try GRDB.Row.fetchAll(db.cachedStatement(sql: channelsSQL), arguments: [StoreLimits.summaryChannels])
            .compactMap { row in
                NodeID(bytes: row[0] as Data).map {
                    ChannelActivity(end: $0, name: row[1], messages: UInt64(clamping: row[2] as Int64), lastAt: row[3])
                }
            }
    }
}
