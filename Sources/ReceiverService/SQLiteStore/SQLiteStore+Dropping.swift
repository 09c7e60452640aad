import Foundation
import GRDB
import Messages
import ReceiverStore
import TextSearch

extension SQLiteStore {
    /// Drops messages within a transaction. Those that are gone already don't count.
    ///
    /// - Parameters:
    ///   - why: their ids are remembered; nil: the horizon of their channels moves up to them.
    ///   - horizon: but never beyond this.
    /// - Returns: how many there were.
    static func drop(
        _ positions: [Int64], because why: Withheld.Why?, horizonAtMost horizon: Int64 = .min, in db: Database
    ) throws -> Int {
        var (channels, authors): ([Int64: Loss], [Int64: Loss]) = ([:], [:])
        var (count, hidden) = (0, 0)
        let words = try WordIndex(db)
        let read = try db.cachedStatement(
            sql: "SELECT id, message, channel, author, bytes, hidden, place FROM messages WHERE position = ?")
        let delete = try db.cachedStatement(sql: "DELETE FROM messages WHERE position = ?")
        for position in positions {
            guard let row = try GRDB.Row.fetchOne(read, arguments: [position]) else { continue }
            let (channel, author): (Int64, Int64) = (row[2], row[3])
            if let id = MessageID(bytes: row[0] as Data),
                let message = SignedMessage(trusting: id, encoded: row[1] as Data)
            {
                try words.remove(SearchWords.indexed(message.text), at: position)
                if let why { try Withheld.add(message, in: channel, because: why, in: db) }
            }
            try delete.execute(arguments: [position])
            count += 1
            hidden += row[5]
            channels[channel, default: Loss()].add(bytes: row[4], at: Place.time(row[6]))
            authors[author, default: Loss()].add(bytes: row[4], at: 0)
        }
        guard count > 0 else { return 0 }
        for (channel, loss) in channels {
            try db.cachedStatement(
                sql: "UPDATE channels SET messages = messages - ?, bytes = bytes - ? WHERE channel = ?"
            ).execute(arguments: [loss.messages, loss.bytes, channel])
            guard why == nil else { continue }
            try db.cachedStatement(
                sql: "UPDATE channels SET horizon = max(coalesce(horizon, ?1), ?1) WHERE channel = ?2"
            ).execute(arguments: [min(loss.newest, horizon), channel])
        }
        let gone = try authors.reduce(into: 0) { $0 += try take($1.value, from: $1.key, in: db) ? 1 : 0 }
        try db.cachedStatement(
            sql: """
                UPDATE store SET messages = messages - ?, hidden = hidden - ?, authors = authors - ?, position = position + 1
                """
        ).execute(arguments: [count, hidden, gone])
        return count
    }

    /// An author without a message is forgotten, except where a name was claimed: others may not have it.
    ///
    /// - Returns: whether none is left.
    private static func take(_ loss: Loss, from author: Int64, in db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: "UPDATE authors SET messages = messages - ?, bytes = max(0, bytes - ?) WHERE author = ?"
        ).execute(arguments: [loss.messages, loss.bytes, author])
        let left = try db.cachedStatement(sql: "SELECT messages FROM authors WHERE author = ?")
        guard try Int.fetchOne(left, arguments: [author]) == 0 else { return false }
        try db.cachedStatement(
            sql: "DELETE FROM authors WHERE author = ?1 AND NOT EXISTS (SELECT 1 FROM names WHERE author = ?1)"
        ).execute(arguments: [author])
        return true
    }

    /// Forgets the names of the latest of those who have names only, where they are too many.
    func forgetNames() throws(StoreError) {
        let authors = try reading { db in
            try Int64.fetchAll(
                db, sql: "SELECT author FROM authors WHERE messages = 0 ORDER BY author LIMIT -1 OFFSET ?",
                arguments: [StoreLimits.namedWithoutMessages])
        }
        var rest = authors[...]
        while !rest.isEmpty {
            let batch = rest.prefix(StoreLimits.houseBatch)
            rest = rest.dropFirst(batch.count)
            try inTransaction { db in
                for author in batch {
                    // One may have written meanwhile.
                    try db.cachedStatement(
                        sql: """
                            DELETE FROM names WHERE author = (SELECT author FROM authors WHERE author = ? AND messages = 0)
                            """
                    ).execute(arguments: [author])
                    try db.cachedStatement(sql: "DELETE FROM authors WHERE author = ? AND messages = 0")
                        .execute(arguments: [author])
                }
            }
        }
    }
}

/// What goes away with the messages of one transaction.
private struct Loss {
    var messages = 0
    var bytes: Int64 = 0
    /// The latest time of these messages, milliseconds since 1970.
    var newest = Int64.min

    mutating func add(bytes: Int64, at time: Int64) {
        messages += 1
        self.bytes += bytes
        newest = max(newest, time)
    }
}
