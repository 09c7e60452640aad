import GRDB
import Messages
import ReceiverStore

/// Ids of messages that are not here because they were refused or dropped: they are not taken again, and not asked for.
///
/// They are in the order of the author's time, which is the same in all stores. A message of 2011 has none, and counts by its
/// signature.
enum Withheld {
    enum Why: Int, CaseIterable {
        case rule = 1
        case channelFull = 2
        case strangersFull = 3
    }

    static func add(_ message: SignedMessage, in channel: Int64, because why: Why, in db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO withheld (why, channel, at, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [why.rawValue, channel, message.at ?? -1, (message.signatureID ?? message.id).blob])
        guard db.changesCount == 1 else { return }
        try db.cachedStatement(sql: "UPDATE store SET withheld = withheld + 1").execute()
    }

    /// Whether a message was dropped for want of room.
    static func holds(_ message: SignedMessage, in channel: Int64, in db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM withheld
                    WHERE why IN (2, 3) AND channel = ? AND at = ? AND id = ?)
                """)
        return try Bool.fetchOne(
            statement, arguments: [channel, message.at ?? -1, (message.signatureID ?? message.id).blob]) ?? false
    }

    /// Forgets some.
    ///
    /// - Parameter time: those up to it only.
    /// - Returns: whether there may be more.
    fileprivate static func forget(_ why: Why, of channel: Int64, upTo time: Int64, in db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: """
                DELETE FROM withheld WHERE (why, channel, at, id) IN (
                    SELECT why, channel, at, id FROM withheld WHERE why = ? AND channel = ? AND at <= ? LIMIT ?)
                """
        ).execute(arguments: [why.rawValue, channel, time, Limits.forgottenIDs])
        let count = db.changesCount
        guard count > 0 else { return false }
        try db.cachedStatement(sql: "UPDATE store SET withheld = withheld - ?").execute(arguments: [count])
        return count == Limits.forgottenIDs
    }
}

extension SQLiteStore {
    /// - Parameter channel: nil: of all.
    func forgetWithheld(_ why: Withheld.Why, of channel: Int64? = nil, upTo time: Int64 = .max) throws(StoreError) {
        let channels = try reading { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT channel FROM channels AS c WHERE (?1 IS NULL OR channel = ?1) AND EXISTS
                        (SELECT 1 FROM withheld AS w WHERE w.why = ?2 AND w.channel = c.channel AND w.at <= ?3)
                    """, arguments: [channel, why.rawValue, time])
        }
        for one in channels {
            while try inTransaction({ db in try Withheld.forget(why, of: one, upTo: time, in: db) }) {}
        }
    }

    /// Where too many ids are remembered, the oldest tenth goes. Then stores that compare what they have leave out the time
    /// up to there; what somebody sends there is taken as ever.
    func boundWithheld(now: Int64) throws(StoreError) {
        let edge = try reading { db -> Int64? in
            let count = try Int64.fetchOne(db, sql: "SELECT withheld FROM store") ?? 0
            guard count > StoreLimits.withheld else { return nil }
            let excess = count - Int64(StoreLimits.withheld) + Int64(StoreLimits.withheld / 10)
            return try Int64.fetchOne(
                db, sql: "SELECT at FROM withheld ORDER BY at LIMIT 1 OFFSET ?", arguments: [excess - 1])
        }
        guard let edge else { return }
        for why in Withheld.Why.allCases { try forgetWithheld(why, upTo: edge) }
        let from = min(edge, now - StoreLimits.horizonGap)
        try writing { db in
            try db.execute(
                sql: "UPDATE channels SET withheld_from = max(coalesce(withheld_from, ?1), ?1)", arguments: [from])
        }
    }
}
