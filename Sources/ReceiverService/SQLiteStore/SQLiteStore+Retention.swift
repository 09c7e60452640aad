import Foundation
import GRDB
import Messages
import ReceiverStore
import TelehashWire

extension SQLiteStore {
    /// A few hundred messages a transaction.
    func prune(_ retention: Retention, now: Int64?) throws(StoreError) -> Int {
        var dropped = 0
        for channel in try channelsWithBytes() {
            let bounds = retention.bounds(of: channel.end)
            let oldest = Self.oldest(bounds, now: now)
            if bounds.age == nil || now != nil { try widen(channel, bounds, oldest: oldest) }
            guard !bounds.isUnbounded else { continue }
            while true {
                let count = try inTransaction { db in
                    try Self.drop(from: channel.number, olderThan: oldest, keeping: bounds.bytes, in: db)
                }
                dropped += count
                if count < StoreLimits.houseBatch { break }
            }
        }
        return dropped
    }

    func pruneForecast(_ retention: Retention, now: Int64?) throws(StoreError) -> (dropped: Int, all: Int) {
        var (dropped, all) = (0, 0)
        for channel in try channelsWithBytes() {
            all += channel.messages
            let bounds = retention.bounds(of: channel.end)
            let excess = bounds.bytes.map { max(0, Double(channel.bytes - $0)) } ?? 0
            let tooMuch = excess / Double(max(1, channel.bytes)) * Double(channel.messages)
            var tooOld = 0
            if let oldest = Self.oldest(bounds, now: now) { tooOld = try count(in: channel, before: oldest) }
            dropped += max(tooOld, Int(tooMuch))
        }
        return (dropped, all)
    }

    private static func oldest(_ bounds: Retention.Bounds, now: Int64?) -> Int64? {
        guard let now, let age = bounds.age else { return nil }
        return now - age.wholeMilliseconds
    }

    private func count(in channel: ChannelState, before time: Int64) throws(StoreError) -> Int {
        try reading { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT (SELECT count(*) FROM messages INDEXED BY messages_by_channel
                        WHERE channel = ?1 AND hidden = 0 AND sort_at < ?2)
                    + (SELECT count(*) FROM messages INDEXED BY messages_hidden_by_channel
                        WHERE channel = ?1 AND hidden = 1 AND sort_at < ?2)
                    """)
            return try Int.fetchOne(statement, arguments: [channel.number, time]) ?? 0
        }
    }

    private struct ChannelState {
        let number: Int64
        let end: NodeID
        let messages: Int
        let bytes: Int64
        let horizon: Int64?
    }

    private func channelsWithBytes() throws(StoreError) -> [ChannelState] {
        try reading { db in
            try GRDB.Row.fetchAll(db, sql: #"SELECT channel, "end", messages, bytes, horizon FROM channels"#)
                .compactMap { row in
                    NodeID(bytes: row[1] as Data).map {
                        ChannelState(number: row[0], end: $0, messages: row[2], bytes: row[3], horizon: row[4])
                    }
                }
        }
    }

    /// Where there is room again, what was dropped before may come back.
    private func widen(_ channel: ChannelState, _ bounds: Retention.Bounds, oldest: Int64?) throws(StoreError) {
        guard let horizon = channel.horizon else { return }
        if let bytes = bounds.bytes, Double(channel.bytes) >= Double(bytes) * StoreLimits.roomAgain { return }
        guard oldest.map({ $0 < horizon }) ?? true else { return }
        try writing { db in
            try db.execute(
                sql: "UPDATE channels SET horizon = ? WHERE channel = ?", arguments: [oldest, channel.number])
        }
    }

    private struct Candidate {
        let position: Int64
        let time: Int64
        let bytes: Int64
        let isHidden: Bool
    }

    /// Drops one batch of what a channel no longer keeps.
    ///
    /// - Parameters:
    ///   - oldest: milliseconds since 1970; what is before it goes.
    ///   - limit: bytes; what is oldest goes until no more are left.
    private static func drop(
        from channel: Int64, olderThan oldest: Int64?, keeping limit: Int64?, in db: Database
    ) throws -> Int {
        let used =
            try Int64.fetchOne(db, sql: "SELECT bytes FROM channels WHERE channel = ?", arguments: [channel]) ?? 0
        var excess = limit.map { max(0, used - $0) } ?? 0
        var dropped: [Candidate] = []
        for candidate in try candidates(channel, in: db) {
            let isOld = oldest.map { candidate.time < $0 } ?? false
            guard isOld || excess > 0 else { break }
            excess = max(0, excess - candidate.bytes)
            dropped.append(candidate)
        }
        try delete(dropped, from: channel, in: db)
        return dropped.count
    }

    /// The oldest messages of the channel, shown or not.
    private static func candidates(_ channel: Int64, in db: Database) throws -> [Candidate] {
        var found: [Candidate] = []
        for (index, isHidden) in [("messages_by_channel", false), ("messages_hidden_by_channel", true)] {
            let statement = try db.cachedStatement(
                sql: """
                    SELECT position, sort_at, length(message) FROM messages INDEXED BY \(index)
                    WHERE channel = ? AND hidden = \(isHidden ? 1 : 0) ORDER BY sort_at LIMIT ?
                    """)
            found += try GRDB.Row.fetchAll(statement, arguments: [channel, StoreLimits.houseBatch]).map {
                Candidate(position: $0[0], time: $0[1], bytes: $0[2], isHidden: isHidden)
            }
        }
        return Array(found.sorted { $0.time < $1.time }.prefix(StoreLimits.houseBatch))
    }

    private static func delete(_ dropped: [Candidate], from channel: Int64, in db: Database) throws {
        guard let newest = dropped.last?.time else { return }
        let words = try WordIndex(db)
        let read = try db.cachedStatement(sql: "SELECT id, message FROM messages WHERE position = ?")
        let delete = try db.cachedStatement(sql: "DELETE FROM messages WHERE position = ?")
        for candidate in dropped {
            let row = try GRDB.Row.fetchOne(read, arguments: [candidate.position])
            if let row, let id = MessageID(bytes: row[0] as Data),
                let message = SignedMessage(trusting: id, encoded: row[1] as Data)
            {
                try words.remove(message, at: candidate.position)
            }
            try delete.execute(arguments: [candidate.position])
        }
        try db.execute(
            sql: """
                UPDATE channels SET messages = messages - ?, bytes = bytes - ?, horizon = max(coalesce(horizon, ?), ?)
                WHERE channel = ?
                """,
            arguments: [dropped.count, dropped.reduce(0) { $0 + $1.bytes }, newest, newest, channel])
        try db.execute(
            sql: "UPDATE store SET messages = messages - ?, hidden = hidden - ?, position = position + 1",
            arguments: [dropped.count, dropped.count { $0.isHidden }])
    }
}
