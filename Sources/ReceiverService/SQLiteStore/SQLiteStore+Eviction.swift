import GRDB
import ReceiverStore

/// What goes where there is no room.
extension SQLiteStore {
    enum Shelf {
        case channel(Int64)
        /// What strangers hold, in all channels.
        case strangers

        var why: Withheld.Why {
            switch self {
            case .channel: .channelFull
            case .strangers: .strangersFull
            }
        }
    }

    /// - Parameter now: milliseconds since 1970; nil: the clock is not believed.
    func drop(from shelf: Shelf, keeping limit: Int64, now: Int64?) throws(StoreError) -> Int {
        var dropped = 0
        while true {
            let plan = try reading { db in try Eviction(from: shelf, keeping: limit, now: now, in: db).plan() }
            var count = 0
            for start in stride(from: 0, to: plan.count, by: StoreLimits.houseBatch) {
                let batch = Array(plan[start..<min(start + StoreLimits.houseBatch, plan.count)])
                count += try inTransaction { db in try Self.drop(batch, because: shelf.why, in: db) }
            }
            guard count > 0 else { return dropped }
            dropped += count
        }
    }

    /// - Parameters:
    ///   - limit: bytes; nil: any.
    ///   - now: nil: the clock is not believed.
    func dropStrangers(_ limit: Int64?, now: Int64?) throws(StoreError) -> Int {
        guard let limit else {
            try forgetWithheld(.strangersFull)
            return 0
        }
        guard try !sparesStrangers(now: now) else { return 0 }
        let dropped = try drop(from: .strangers, keeping: limit, now: now)
        if dropped == 0, try Self.hasRoom(strangers(now: now).bytes, of: limit) { try forgetWithheld(.strangersFull) }
        return dropped
    }

    func sparedMessages(_ retention: Retention, now: Int64?) throws(StoreError) -> Int {
        guard let limit = retention.strangerBytes, let now, try sparesStrangers(now: now) else { return 0 }
        let held = try strangers(now: now)
        guard held.bytes > limit else { return 0 }
        return Int(Double(held.bytes - limit) / Double(held.bytes) * Double(held.messages))
    }

    private func strangers(now: Int64?) throws(StoreError) -> (bytes: Int64, messages: Int) {
        try reading { db in try StandingReader(db, now: now).strangers(in: db) }
    }

    /// Whether the store came from an earlier version lately. When that was is known from the first time that this is asked.
    private func sparesStrangers(now: Int64?) throws(StoreError) -> Bool {
        let (upgraded, latest) = try reading { db in
            (
                try Int64.fetchOne(db, sql: "SELECT upgraded_at FROM store"),
                try StandingReader(db, now: now).latest
            )
        }
        guard let upgraded else { return false }
        guard now != nil else { return true }
        guard upgraded == 0 || upgraded > latest else { return latest < upgraded + StoreLimits.settledAfter }
        try writing { db in try db.execute(sql: "UPDATE store SET upgraded_at = ?", arguments: [latest]) }
        return true
    }
}

/// Chooses what goes first, from one state of the store.
private struct Eviction {
    private let shelf: SQLiteStore.Shelf
    private let held: Int64
    /// What is to go, in bytes; more than it takes, so that not each message that comes costs a look at all.
    private let excess: Int64
    private let standings: StandingReader
    private let db: Database

    private struct Holder {
        let author: Int64
        let bytes: Int64
        /// The lowest go first.
        let tier: Int

        /// Up to a message all strangers hold the same: where each short one has a key of its own, an author with a little more
        /// to say would always be the first to go.
        var height: Int64 { isQuiet ? Limits.quietBytes : bytes }
        var isQuiet: Bool { tier == 0 && bytes <= Limits.quietBytes }
    }

    init(from shelf: SQLiteStore.Shelf, keeping limit: Int64, now: Int64?, in db: Database) throws {
        self.shelf = shelf
        self.db = db
        standings = try StandingReader(db, now: now)
        held =
            switch shelf {
            case .channel(let channel):
                try Int64.fetchOne(db, sql: "SELECT bytes FROM channels WHERE channel = ?", arguments: [channel]) ?? 0
            case .strangers: try standings.strangers(in: db).bytes
            }
        excess = held > limit ? held - limit + limit / Limits.madeRoom : 0
    }

    /// Positions of about ``Limits/plannedDrops`` messages at most; none: there is room.
    func plan() throws -> [Int64] {
        guard excess > 0 else { return [] }
        if case .channel(let channel) = shelf {
            var freed: Int64 = 0
            let hidden = try oldest(.hiddenOfChannel, [channel], freeing: excess, freed: &freed)
            guard hidden.isEmpty else { return hidden }
        }
        let (holders, spare) = try holders()
        var excess = min(excess, spare)
        let height = height(of: holders, losing: excess)
        var positions: [Int64] = []
        for holder in holders where excess > 0 && positions.count < Limits.plannedDrops {
            var freed: Int64 = 0
            for (kind, arguments) in messages(of: holder.author) {
                let most = holder.isQuiet ? holder.bytes : holder.bytes - height
                positions += try oldest(kind, arguments, freeing: min(excess, most), freed: &freed)
            }
            excess -= freed
        }
        return Array(positions.prefix(Limits.plannedDrops))
    }

    /// Those who hold most of the shelf, of the first tier that holds anything, and what they may lose before it is the turn
    /// of the next one.
    private func holders() throws -> ([Holder], spare: Int64) {
        let share = (held - excess) / StoreLimits.strangersShare
        let rows =
            switch shelf {
            case .channel(let channel):
                try Row.fetchAll(
                    db, sql: Self.holdersSQL(standings.isStrangerSQL(holdingMost: StandingReader.most(of: held))),
                    arguments: [
                        channel, share, Limits.plannedDrops, standings.latest, StoreLimits.recentTime,
                    ])
            case .strangers:
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT author, bytes, 0, 0 FROM authors WHERE messages > 0 AND \(standings.isStrangerSQL)
                        ORDER BY max(bytes, ?) DESC, first_seen LIMIT ?
                        """, arguments: [Limits.quietBytes, Limits.plannedDrops])
            }
        let holders = rows.map { Holder(author: $0[0], bytes: $0[1], tier: $0[2]) }
        let bounded: Int64 = rows.first?[3] ?? 0
        return (
            Array(holders.prefix { $0.tier == holders[0].tier }), spare: bounded > share ? bounded - share : excess
        )
    }

    /// Of a channel (?1): strangers, then those who settled lately, then the other settled ones, then the known ones. Where
    /// strangers hold no more than a share (?2), they are as those who settled lately, and where all of these hold no more
    /// together, as the other settled ones. What each holds is summed up once, in the order in which it lies in the file.
    ///
    /// Lately is at most a while (?5) before now (?4), and never more than half of the time since the first author came, so
    /// that a young channel has older ones, too.
    private static func holdersSQL(_ isStranger: String) -> String {
        """
        SELECT author, bytes, CASE
            WHEN tier = 0 AND strangers > ?2 THEN 0 WHEN tier <= 1 AND newer > ?2 THEN 1 ELSE max(tier, 2) END AS rank,
            CASE WHEN strangers > ?2 THEN strangers WHEN newer > ?2 THEN newer ELSE 0 END
        FROM (
            SELECT *, sum(bytes) FILTER (WHERE tier = 0) OVER () AS strangers,
                sum(bytes) FILTER (WHERE tier <= 1) OVER () AS newer
            FROM (
                SELECT author, bytes, first_seen, CASE
                    WHEN known THEN 3 WHEN \(isStranger) THEN 0 WHEN first_seen > lately THEN 1 ELSE 2 END AS tier
                FROM (
                    SELECT h.author, h.bytes, a.known, a.first_seen,
                        max(?4 - ?5, (min(a.first_seen) OVER () + ?4) / 2) AS lately
                    FROM (
                        SELECT author, sum(bytes) AS bytes FROM messages INDEXED BY messages_by_channel
                        WHERE channel = ?1 AND hidden = 0 GROUP BY author
                    ) AS h CROSS JOIN authors AS a ON a.author = h.author)))
        ORDER BY rank, CASE rank WHEN 0 THEN max(bytes, \(Limits.quietBytes)) ELSE bytes END DESC, first_seen LIMIT ?3
        """
    }

    /// What each of them may hold so that together they lose so much: nobody who holds less loses anything. Where nobody
    /// stands out, the first ones lose a message; of strangers who hold no more than one, those who came first lose it.
    private func height(of holders: [Holder], losing excess: Int64) -> Int64 {
        guard let first = holders.first else { return 0 }
        // There may be more of them than were read.
        let rest = holders.count < Limits.plannedDrops ? 0 : holders[holders.count - 1].height
        let floor = first.tier == 0 ? Limits.quietBytes : 0
        var above: Int64 = 0
        for (index, holder) in holders.enumerated() {
            above += holder.height
            let next = max(floor, index == holders.count - 1 ? rest : holders[index + 1].height)
            let count = Int64(index + 1)
            if above - next * count >= excess { return min((above - excess) / count, first.bytes - 1) }
        }
        return min(max(rest, floor), first.bytes - 1)
    }

    private enum Kind: String {
        case hiddenOfChannel = "messages_hidden_by_channel WHERE channel = ? AND hidden = 1"
        case hiddenOfAuthor = "messages_hidden_by_author WHERE author = ? AND hidden = 1"
        case ofAuthor = "messages_by_author WHERE author = ? AND hidden = 0"
        case ofAuthorInChannel = "messages_by_author_and_channel WHERE author = ? AND channel = ? AND hidden = 0"
    }

    private func messages(of author: Int64) -> [(Kind, [Int64])] {
        switch shelf {
        case .channel(let channel): [(.ofAuthorInChannel, [author, channel])]
        case .strangers: [(.hiddenOfAuthor, [author]), (.ofAuthor, [author])]
        }
    }

    /// - Parameters:
    ///   - bytes: that are to go; the last message goes beyond it.
    ///   - freed: what goes of them already.
    private func oldest(
        _ kind: Kind, _ arguments: [Int64], freeing bytes: Int64, freed: inout Int64
    ) throws -> [Int64] {
        guard freed < bytes else { return [] }
        let statement = try db.cachedStatement(
            sql: "SELECT position, bytes FROM messages INDEXED BY \(kind.rawValue) ORDER BY place LIMIT ?")
        let rows = try Row.fetchCursor(
            statement, arguments: StatementArguments(arguments + [Int64(Limits.plannedDrops)]))
        var positions: [Int64] = []
        while freed < bytes, let row = try rows.next() {
            positions.append(row[0])
            freed += row[1]
        }
        return positions
    }
}
