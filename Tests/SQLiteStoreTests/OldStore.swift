import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import TextSearch

@testable import SQLiteStore

/// Stores as earlier versions left them.
enum OldStore {
    /// - Parameters:
    ///   - version: 1 to 8.
    ///   - messages: with when they came, milliseconds since 1970.
    ///   - sql: what else was done.
    static func make(
        at path: String, version: Int, _ messages: [(message: SignedMessage, receivedAt: Int64)],
        channels: [Channel] = [.tweets], _ sql: String = ""
    ) throws {
        SealVFS.register()
        let patience = Patience()
        try Connections.alone(path, patience: patience) { db in
            try db.execute(sql: "PRAGMA application_id = \(StoreHeader.applicationID)")
        }
        let pool = try DatabasePool(path: path, configuration: Connections.pool(patience: patience))
        try Migrations.migrator().migrate(pool, upTo: Migrations.names[version - 1])
        try pool.write { db in
            for channel in channels {
                try db.execute(
                    sql: #"INSERT INTO channels ("end", name, messages) VALUES (?, ?, 0)"#,
                    arguments: [channel.end.blob, channel.name])
            }
            for (index, one) in messages.enumerated() {
                try add(one.message, receivedAt: one.receivedAt, at: Int64(index + 1), version: version, in: db)
            }
            try db.execute(
                sql: "UPDATE store SET position = ?1, messages = ?1, authors = (SELECT count(*) FROM authors)",
                arguments: [messages.count])
            if version >= 7 { try db.execute(sql: "UPDATE store SET indexed_to = NULL") }
            try db.execute(sql: sql)
        }
        // So that everything is in the file.
        try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try pool.close()
    }

    private static func add(
        _ message: SignedMessage, receivedAt: Int64, at position: Int64, version: Int, in db: Database
    ) throws {
        try db.cachedStatement(sql: "INSERT INTO authors (key) VALUES (?) ON CONFLICT DO NOTHING")
            .execute(arguments: [message.key.text])
        try db.cachedStatement(sql: #"INSERT INTO channels ("end", messages) VALUES (?, 0) ON CONFLICT DO NOTHING"#)
            .execute(arguments: [message.end.blob])
        let encoded = Data(message.encoded())
        try db.cachedStatement(
            sql: """
                INSERT INTO messages (position, id, sort_at, received_at, channel, author, message)
                SELECT ?, ?, ?, ?, channel, author, ? FROM channels, authors WHERE "end" = ? AND key = ?
                """
        ).execute(arguments: [
            position, message.id.blob, message.at ?? receivedAt, receivedAt, encoded, message.end.blob,
            message.key.text,
        ])
        let counted = version >= 3 ? ", bytes = bytes + \(encoded.count)" : ""
        try db.cachedStatement(sql: #"UPDATE channels SET messages = messages + 1\#(counted) WHERE "end" = ?"#)
            .execute(arguments: [message.end.blob])
        if version >= 4 {
            try WordIndex(db).add(SearchWords.indexed(message.text, stretching: true), at: position)
        }
        guard version >= 5, let claim = message.nameClaim else { return }
        try db.execute(sql: "UPDATE messages SET name = ? WHERE position = ?", arguments: [claim.text, position])
        guard version >= 8, let name = claim.name else { return }
        let author = try Int64.fetchOne(
            db, sql: "SELECT author FROM authors WHERE key = ?", arguments: [message.key.text])
        try NameRegistry.note(name.likeness, of: author ?? 0, at: position, in: db)
    }
}
