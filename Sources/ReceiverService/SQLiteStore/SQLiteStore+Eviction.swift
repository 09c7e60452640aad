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

        var channel: Int64? { if case .channel(let number) = self { number } else { nil } }
    }

    /// - Parameter time: by which it is judged who is new; milliseconds since 1970.
    func drop(from shelf: Shelf, keeping limit: Int64, at time: Int64) throws(StoreError) -> Int {
        var dropped = 0
        while true {
            let plan = try reading { db in try Eviction(from: shelf, keeping: limit, at: time, in: db).plan() }
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
    func dropStrangers(_ limit: Int64?, now: Int64?, at time: Int64) throws(StoreError) -> Int {
        guard let limit else {
            try forgetWithheld(.strangersFull)
            return 0
        }
        guard try !sparesStrangers(now: now) else { return 0 }
        let dropped = try drop(from: .strangers, keeping: limit, at: time)
        if dropped == 0, try Self.hasRoom(strangers(at: time).bytes, of: limit) { try forgetWithheld(.strangersFull) }
        return dropped
    }

    func sparedMessages(_ retention: Retention, now: Int64?) throws(StoreError) -> Int {
        guard let limit = retention.strangerBytes, let now, try sparesStrangers(now: now) else { return 0 }
        let held = try strangers(at: now)
        guard held.bytes > limit else { return 0 }
        return Int(Double(held.bytes - limit) / Double(held.bytes) * Double(held.messages))
    }

    private func strangers(at time: Int64) throws(StoreError) -> (bytes: Int64, messages: Int) {
        try reading { db in try StandingReader(db, now: time).strangers(in: db) }
    }

    /// Whether the store came from an earlier version lately. When that was is known from the first time that this is asked.
    private func sparesStrangers(now: Int64?) throws(StoreError) -> Bool {
        let upgraded = try reading { db in try Int64.fetchOne(db, sql: "SELECT upgraded_at FROM store") }
        guard let upgraded else { return false }
        guard let now else { return true }
        guard upgraded == 0 || upgraded > now else { return now < upgraded + StoreLimits.settledAfter }
        try writing { db in try db.execute(sql: "UPDATE store SET upgraded_at = ?", arguments: [now]) }
        return true
    }
}

/// Chooses what goes first, from one state of the store.
private struct Eviction {
    private let shelf: SQLiteStore.Shelf
    private let excess: Int64
    private let standings: StandingReader
    private let db: Database

    private struct Holder {
        let author: Int64
        let bytes: Int64
    }

    init(from shelf: SQLiteStore.Shelf, keeping limit: Int64, at time: Int64, in db: Database) throws {
        self.shelf = shelf
        self.db = db
        standings = try StandingReader(db, now: time)
        if let channel = shelf.channel {
            let held = try Int64.fetchOne(db, sql: "SELECT bytes FROM channels WHERE channel = ?", arguments: [channel])
            excess = (held ?? 0) - limit
        } else {
            excess = try standings.strangers(in: db).bytes - limit
        }
    }

    /// Positions of at most ``Limits/plannedDrops`` messages; none: there is room.
    func plan() throws -> [Int64] {
        guard excess > 0 else { return [] }
        if let channel = shelf.channel {
            var freed: Int64 = 0
            let hidden = try oldest(.hiddenOfChannel, [channel], freeing: excess, freed: &freed)
            guard hidden.isEmpty else { return hidden }
        }
        let holders = try holders()
        let height = height(of: holders)
        var positions: [Int64] = []
        var excess = excess
        for holder in holders where excess > 0 && positions.count < Limits.plannedDrops {
            var freed: Int64 = 0
            for (kind, arguments) in messages(of: holder.author) {
                positions += try oldest(
                    kind, arguments, freeing: min(excess, holder.bytes - height), freed: &freed)
            }
            excess -= freed
        }
        return Array(positions.prefix(Limits.plannedDrops))
    }

    /// Those who hold most, of the strangers while these come first, else of all.
    private func holders() throws -> [Holder] {
        var condition = "messages > 0"
        var strangersFirst = true
        if let channel = shelf.channel {
            let all = try Int64.fetchOne(db, sql: "SELECT total(bytes) FROM channels") ?? 0
            strangersFirst = try standings.strangers(in: db).bytes > all / StoreLimits.strangersShare
            condition += """
                 AND EXISTS (SELECT 1 FROM messages AS m INDEXED BY messages_by_author_and_channel
                    WHERE m.author = authors.author AND m.channel = \(channel) AND m.hidden = 0)
                """
        }
        if strangersFirst {
            let strangers = try holders("\(standings.isStrangerSQL) AND \(condition)")
            guard strangers.isEmpty else { return strangers }
        }
        return shelf.channel == nil ? [] : try holders(condition)
    }

    private func holders(_ condition: String) throws -> [Holder] {
        try Row.fetchAll(
            db, sql: "SELECT author, bytes FROM authors WHERE \(condition) ORDER BY bytes DESC, first_seen LIMIT ?",
            arguments: [Limits.plannedDrops]
        ).map { Holder(author: $0[0], bytes: $0[1]) }
    }

    /// What each of them may hold so that together they lose the excess: nobody who holds less loses anything. Where nobody
    /// stands out, the first ones lose a message.
    private func height(of holders: [Holder]) -> Int64 {
        guard let first = holders.first else { return 0 }
        var above: Int64 = 0
        for (index, holder) in holders.enumerated() {
            let isLast = index == holders.count - 1
            above += holder.bytes
            let next = isLast ? holder.bytes : holders[index + 1].bytes
            let count = Int64(index + 1)
            if above - next * count >= excess { return min((above - excess) / count, first.bytes - 1) }
        }
        return min(holders[holders.count - 1].bytes, first.bytes - 1)
    }

    private enum Kind: String {
        case hiddenOfChannel = "messages_hidden_by_channel WHERE channel = ? AND hidden = 1"
        case hiddenOfAuthor = "messages_hidden_by_author WHERE author = ? AND hidden = 1"
        case ofAuthor = "messages_by_author WHERE author = ? AND hidden = 0"
        case ofAuthorInChannel = "messages_by_author_and_channel WHERE author = ? AND channel = ? AND hidden = 0"
    }

    private func messages(of author: Int64) -> [(Kind, [Int64])] {
        guard let channel = shelf.channel else { return [(.hiddenOfAuthor, [author]), (.ofAuthor, [author])] }
        return [(.ofAuthorInChannel, [author, channel])]
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
