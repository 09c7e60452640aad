import Foundation
import GRDB
import Messages
import ReceiverStore
import TextSearch

extension SQLiteStore {
    /// Drops messages within a transaction. Those that are gone already don't count.
    ///
    /// - Parameters:
    ///   - why: their ids are remembered; of what was too old the horizon of its channel moves up to it.
    ///   - now: of what was too old.
    /// - Returns: how many there were.
    static func drop(
        _ positions: [Int64], because why: Withheld.Why, now: Int64 = 0, in db: Database
    ) throws -> Int {
        var (channels, authors): ([Int64: Loss], [Int64: Loss]) = ([:], [:])
        var (count, hidden, named) = (0, 0, Set<Int64>())
        let words = try WordIndex(db)
        let read = try db.cachedStatement(
            sql: """
                SELECT id, message, channel, author, bytes, hidden, place, name IS NOT NULL FROM messages WHERE position = ?
                """)
        let delete = try db.cachedStatement(sql: "DELETE FROM messages WHERE position = ?")
        for position in positions {
            guard let row = try GRDB.Row.fetchOne(read, arguments: [position]) else { continue }
            let (channel, author): (Int64, Int64) = (row[2], row[3])
            if let id = MessageID(bytes: row[0] as Data),
                let message = SignedMessage(trusting: id, encoded: row[1] as Data)
            {
                try words.remove(SearchWords.indexed(message.text), at: position)
                if why != .aged || message.at == nil {
                    try Withheld.add(message, in: channel, because: why, in: db)
                }
            }
            try delete.execute(arguments: [position])
            count += 1
            hidden += row[5]
            channels[channel, default: Loss()].add(bytes: row[4], at: Place.time(row[6]))
            authors[author, default: Loss()].add(bytes: row[4], at: 0)
            if row[7] { named.insert(author) }
        }
        guard count > 0 else { return 0 }
        for (channel, loss) in channels {
            try db.cachedStatement(
                sql: "UPDATE channels SET messages = messages - ?, bytes = bytes - ? WHERE channel = ?"
            ).execute(arguments: [loss.messages, loss.bytes, channel])
            guard why == .aged else { continue }
            try db.cachedStatement(
                sql: "UPDATE channels SET horizon = max(coalesce(horizon, ?1), ?1) WHERE channel = ?2"
                    // A message that comes late enough is taken, however short the time that is kept.
            ).execute(arguments: [min(loss.newest, now - StoreLimits.horizonGap), channel])
        }
        for author in named { try NameRegistry.update(author, in: db) }
        let gone = try authors.reduce(into: 0) {
            $0 += try take($1.value, from: $1.key, because: why, now: now, in: db) ? 1 : 0
        }
        try db.cachedStatement(
            sql: """
                UPDATE store SET messages = messages - ?, hidden = hidden - ?, authors = authors - ?, position = position + 1
                """
        ).execute(arguments: [count, hidden, gone])
        return count
    }

    /// An author without a message is forgotten, except where a name was claimed: others may not have it. Who had to give
    /// way begins anew; who only wrote too long ago is remembered for a while.
    ///
    /// - Returns: whether none is left.
    private static func take(
        _ loss: Loss, from author: Int64, because why: Withheld.Why, now: Int64, in db: Database
    ) throws -> Bool {
        try db.cachedStatement(
            sql: "UPDATE authors SET messages = messages - ?, bytes = max(0, bytes - ?) WHERE author = ?"
        ).execute(arguments: [loss.messages, loss.bytes, author])
        let left = try db.cachedStatement(sql: "SELECT messages FROM authors WHERE author = ?")
        guard try Int.fetchOne(left, arguments: [author]) == 0 else { return false }
        if why != .aged {
            try db.cachedStatement(sql: "UPDATE authors SET first_seen = \(Self.notSeen) WHERE author = ?")
                .execute(arguments: [author])
        }
        try db.cachedStatement(
            sql: """
                DELETE FROM authors WHERE author = ?1 AND (first_seen <= ?2 OR first_seen = \(Self.notSeen))
                AND NOT EXISTS (SELECT 1 FROM names WHERE author = ?1)
                """
        ).execute(arguments: [author, now - StoreLimits.absentTime])
        return true
    }

    /// When authors were first seen who are still to be.
    static let notSeen = Int64.max

    /// Forgets authors without messages: those whose time is over, and the latest where there are too many.
    func forgetAbsent(now: Int64) throws(StoreError) {
        let authors = try reading { db in
            let rows = try GRDB.Row.fetchCursor(
                db,
                sql: """
                    SELECT a.author, a.first_seen, count(n.author), 60 + 2 * length(a.key)
                        + coalesce(sum(40 + 2 * length(CAST(n.likeness AS BLOB))), 0)
                    FROM authors AS a LEFT JOIN names AS n ON n.author = a.author
                    WHERE a.messages = 0 GROUP BY a.author ORDER BY a.author
                    """)
            var (bytes, gone): (Int64, [Int64]) = (0, [])
            while let row = try rows.next() {
                let (firstSeen, names): (Int64, Int) = (row[1], row[2])
                let isOver = names == 0 && firstSeen <= now - StoreLimits.absentTime
                if !isOver { bytes += row[3] }
                if isOver || bytes > StoreLimits.absentBytes { gone.append(row[0]) }
            }
            return gone
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
