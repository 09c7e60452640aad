import GRDB
import Messages
import ReceiverStore

extension SQLiteStore {
    func standings(of keys: [PublicKey], now: Int64) async throws(StoreError) -> [PublicKey: Standing] {
        try reading { db in
            let reader = try StandingReader(db, now: now)
            return try keys.reduce(into: [:]) { $0[$1] = try reader.standing(of: $1) }
        }
    }
}

/// How a store stands to its authors, from one state of it.
struct StandingReader {
    /// By which it is judged who is new: the latest that is known of, milliseconds since 1970.
    let latest: Int64
    /// Who came then or later is new.
    let newSince: Int64
    /// Who holds more than this is a stranger.
    let most: Int64
    private let rules: RuleReader
    private let author: Statement

    /// - Parameter now: nil: the clock is not believed.
    init(_ db: Database, now: Int64?) throws {
        // A clock that is behind, as one without a battery is at a start, would make everybody new.
        let times = try SQLiteStore.knownTimes(in: db)
        latest = [now, times.believed, times.arrived].compactMap(\.self).max() ?? 0
        newSince = latest - StoreLimits.settledAfter
        let all = try Int64.fetchOne(db.cachedStatement(sql: "SELECT total(bytes) FROM channels")) ?? 0
        most = Self.most(of: all)
        rules = try RuleReader(db)
        author = try db.cachedStatement(sql: "SELECT known, first_seen, bytes FROM authors WHERE key = ?")
    }

    func standing(of key: PublicKey) throws -> Standing {
        guard let row = try Row.fetchOne(author, arguments: [key.text]) else {
            return try rules.isKnown(key) ? .known : .stranger
        }
        if row[0] as Bool { return .known }
        return isStranger(firstSeen: row[1], bytes: row[2]) ? .stranger : .settled
    }

    private func isStranger(firstSeen: Int64, bytes: Int64) -> Bool { firstSeen >= newSince || bytes > most }

    /// The same of a row of `authors`.
    var isStrangerSQL: String { isStrangerSQL(holdingMost: most) }

    /// - Parameter bytes: who holds more of what the row is about is a stranger.
    func isStrangerSQL(holdingMost bytes: Int64) -> String {
        "known = 0 AND (first_seen >= \(newSince) OR bytes > \(bytes))"
    }

    /// What an author may hold of so many bytes and be settled.
    static func most(of bytes: Int64) -> Int64 { max(bytes / StoreLimits.settledShare, StoreLimits.settledBytes) }

    /// What strangers hold together, in bytes and messages.
    func strangers(in db: Database) throws -> (bytes: Int64, messages: Int) {
        let row = try Row.fetchOne(
            db, sql: "SELECT coalesce(sum(bytes), 0), coalesce(sum(messages), 0) FROM authors WHERE \(isStrangerSQL)")
        return (row?[0] ?? 0, row?[1] ?? 0)
    }
}
