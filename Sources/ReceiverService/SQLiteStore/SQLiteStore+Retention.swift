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
            if let oldest, let now { dropped += try dropOld(in: channel.number, before: oldest, now: now) }
            guard let bytes = bounds.bytes else { continue }
            dropped += try drop(from: .channel(channel.number), keeping: bytes, now: now)
        }
        dropped += try dropStrangers(retention.strangerBytes, now: now)
        let latest = try reading { db in try StandingReader(db, now: now).latest }
        if dropped > 0 { try forgetAbsent(now: latest) }
        try boundWithheld(now: latest)
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
                        WHERE channel = ?1 AND hidden = 0 AND place < ?2)
                    + (SELECT count(*) FROM messages INDEXED BY messages_hidden_by_channel
                        WHERE channel = ?1 AND hidden = 1 AND place < ?2)
                    """)
            return try Int.fetchOne(statement, arguments: [channel.number, Place.start(of: time)]) ?? 0
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
        if let bytes = bounds.bytes, !Self.hasRoom(channel.bytes, of: bytes) { return }
        try forgetWithheld(.channelFull, of: channel.number)
        guard let horizon = channel.horizon, oldest.map({ $0 < horizon }) ?? true else { return }
        try forgetWithheld(.aged, of: channel.number)
        try writing { db in
            try db.execute(
                sql: "UPDATE channels SET horizon = ? WHERE channel = ?", arguments: [oldest, channel.number])
        }
    }

    static func hasRoom(_ bytes: Int64, of limit: Int64) -> Bool {
        Double(bytes) < Double(limit) * StoreLimits.roomAgain
    }

    private func dropOld(in channel: Int64, before oldest: Int64, now: Int64) throws(StoreError) -> Int {
        var dropped = 0
        while true {
            let count = try inTransaction { db in
                let positions = try ["messages_by_channel", "messages_hidden_by_channel"].enumerated().flatMap {
                    let statement = try db.cachedStatement(
                        sql: """
                            SELECT position FROM messages INDEXED BY \($1)
                            WHERE channel = ? AND hidden = \($0) AND place < ? ORDER BY place LIMIT ?
                            """)
                    return try Int64.fetchAll(
                        statement, arguments: [channel, Place.start(of: oldest), StoreLimits.houseBatch])
                }
                return try Self.drop(positions, because: .aged, now: now, in: db)
            }
            dropped += count
            if count < StoreLimits.houseBatch { return dropped }
        }
    }
}
