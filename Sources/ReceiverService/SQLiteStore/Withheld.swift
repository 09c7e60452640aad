import Foundation
import GRDB
import Messages
import ReceiverStore

/// Ids of messages that are not here because they were refused or dropped: they are not taken again, and not asked for.
///
/// They are in the order of the author's time, which is the same in all stores. A message of 2011 has none, and counts by its
/// signature.
enum Withheld {
    enum Why: Int {
        case rule = 1
        case channelFull = 2
        case strangersFull = 3
        /// Too old, which only of a message of 2011 has to be remembered: of others their time tells.
        case aged = 4
    }

    /// How many are remembered of which: none of these drives out another.
    static let bounds: [(whys: [Why], limit: Int)] = [
        ([.rule], StoreLimits.withheldByRules), ([.channelFull, .strangersFull], StoreLimits.withheldForRoom),
        ([.aged], StoreLimits.withheldForAge),
    ]

    /// A place in the order.
    struct Edge {
        var at = Int64.max
        var id = Data(repeating: 0xFF, count: 32)
    }

    static func add(_ message: SignedMessage, in channel: Int64, because why: Why, in db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO withheld (why, channel, at, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [why.rawValue, channel, message.at ?? -1, (message.signatureID ?? message.id).blob])
    }

    /// Why a message was dropped, if it was.
    static func reason(_ message: SignedMessage, in channel: Int64, in db: Database) throws -> Why? {
        let statement = try db.cachedStatement(
            sql: "SELECT why FROM withheld WHERE why IN (2, 3, 4) AND channel = ? AND at = ? AND id = ? LIMIT 1")
        return try Int.fetchOne(
            statement, arguments: [channel, message.at ?? -1, (message.signatureID ?? message.id).blob]
        ).flatMap(Why.init(rawValue:))
    }

    /// Forgets some.
    ///
    /// - Returns: whether there may be more.
    fileprivate static func forget(_ why: Why, of channel: Int64, upTo edge: Edge, in db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: """
                DELETE FROM withheld WHERE (why, channel, at, id) IN (
                    SELECT why, channel, at, id FROM withheld WHERE why = ? AND channel = ? AND (at, id) <= (?, ?) LIMIT ?)
                """
        ).execute(arguments: [why.rawValue, channel, edge.at, edge.id, Limits.forgottenIDs])
        return db.changesCount == Limits.forgottenIDs
    }
}

extension SQLiteStore {
    /// - Parameter channel: nil: of all.
    func forgetWithheld(
        _ why: Withheld.Why, of channel: Int64? = nil, upTo edge: Withheld.Edge = .init()
    ) throws(StoreError) {
        let channels = try reading { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT channel FROM channels AS c WHERE (?1 IS NULL OR channel = ?1) AND EXISTS
                        (SELECT 1 FROM withheld AS w WHERE w.why = ?2 AND w.channel = c.channel AND w.at <= ?3)
                    """, arguments: [channel, why.rawValue, edge.at])
        }
        for one in channels {
            while try inTransaction({ db in try Withheld.forget(why, of: one, upTo: edge, in: db) }) {}
        }
    }

    /// Where too many ids are remembered, the oldest tenth goes. Then stores that compare what they have leave out the time
    /// up to there; what somebody sends there is taken as ever.
    func boundWithheld(now: Int64) throws(StoreError) {
        for (whys, limit) in Withheld.bounds {
            let list = whys.map { "\($0.rawValue)" }.joined(separator: ", ")
            let edge = try reading { db -> Withheld.Edge? in
                let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM withheld WHERE why IN (\(list))") ?? 0
                guard count > limit else { return nil }
                return try Row.fetchOne(
                    db, sql: "SELECT at, id FROM withheld WHERE why IN (\(list)) ORDER BY at, id LIMIT 1 OFFSET ?",
                    arguments: [count - limit + limit / 10 - 1]
                ).map { Withheld.Edge(at: $0[0], id: $0[1]) }
            }
            guard let edge else { continue }
            try writing { db in
                try db.execute(
                    sql: """
                        UPDATE channels SET withheld_from = max(coalesce(withheld_from, ?1), ?1)
                        WHERE EXISTS (SELECT 1 FROM withheld AS w WHERE w.why IN (\(list))
                            AND w.channel = channels.channel AND w.at BETWEEN 0 AND ?2)
                        """, arguments: [min(edge.at, now - StoreLimits.horizonGap), edge.at])
            }
            for why in whys { try forgetWithheld(why, upTo: edge) }
        }
    }
}
