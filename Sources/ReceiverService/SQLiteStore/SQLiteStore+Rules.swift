import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import TextSearch

extension SQLiteStore {
    /// Blocking goes through the author's messages in small transactions, so that a long history holds nobody up.
    func set(_ rule: Rule) throws(StoreError) -> Int {
        guard try accept(rule) else { return 0 }
        switch rule.subject {
        case .message(let id): return try apply(toMessage: id)
        case .key(let key):
            // Whose the refused ones are is not known; what is refused still is noted again when it comes again.
            if !rule.isActive { try forgetWithheld(.rule) }
            return try apply(toKey: key, isBlocked: rule.isActive)
        case .name:
            // A pinned name is read where it is shown; only who remembers pages has to learn of it.
            try advancePosition()
            return 0
        case .known: return 0
        }
    }

    func adopt(_ rules: [Rule]) throws(StoreError) -> [Rule] {
        var adopted: [Rule] = []
        for rule in rules where try isNews(rule) {
            if rule.kind == .known, try !reading({ db in try Self.hasRoom(for: rule, in: db) }) { continue }
            _ = try set(rule)
            adopted.append(rule)
        }
        return adopted
    }

    private static func limit(of kind: Rule.Kind) -> Int {
        kind == .known ? StoreLimits.knownAuthors : StoreLimits.rules
    }

    /// Whether it may be written: it takes the place of what was said of its subject before, or there is one more.
    private static func hasRoom(for rule: Rule, in db: Database) throws -> Bool {
        let find = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM rules WHERE kind = ? AND subject = ?)")
        if try Bool.fetchOne(find, arguments: [rule.kind.rawValue, Data(rule.subjectBytes)]) == true { return true }
        let count = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM rules")) ?? 0
        return count < limit(of: rule.kind)
    }

    /// One page of the rules that were made or taken back.
    static func rules(
        _ kind: Rule.Kind, after subject: [UInt8]?, limit: Int, in db: Database
    ) throws -> ([Rule], more: Bool) {
        let rows = min(max(limit, 1), BusLimits.rules)
        let statement = try db.cachedStatement(
            sql: """
                SELECT subject, active, at, reason FROM rules WHERE kind = ? AND subject > ? ORDER BY subject LIMIT ?
                """)
        let found = try GRDB.Row.fetchAll(statement, arguments: [kind.rawValue, Data(subject ?? []), rows + 1])
        let rules = found.prefix(rows).compactMap { row in
            Rule.Subject(kind, bytes: [UInt8](row[0] as Data)).map {
                Rule(subject: $0, isActive: row[1], at: row[2], reason: row[3])
            }
        }
        return (rules, more: found.count > rows)
    }

    /// Whether this store knows nothing newer about the rule's subject; costs one read.
    private func isNews(_ rule: Rule) throws(StoreError) -> Bool {
        try reading { db in
            let statement = try db.cachedStatement(sql: "SELECT at FROM rules WHERE kind = ? AND subject = ?")
            let known = try Int64.fetchOne(statement, arguments: [rule.kind.rawValue, Data(rule.subjectBytes)])
            return known.map { $0 < rule.at } ?? true
        }
    }

    /// Goes through the blocked keys again.
    func finishRules() throws(StoreError) {
        var last: [UInt8]?
        while true {
            let (rules, more) = try reading { db in
                try Self.rules(.blockedKey, after: last, limit: BusLimits.rules, in: db)
            }
            for rule in rules {
                guard case .key(let key) = rule.subject else { continue }
                _ = try apply(toKey: key, isBlocked: rule.isActive)
            }
            guard more, let end = rules.last else { return }
            last = end.subjectBytes
        }
    }

    /// - Returns: false when the rule is no news.
    private func accept(_ rule: Rule) throws(StoreError) -> Bool {
        try inTransaction { db in
            guard try Self.hasRoom(for: rule, in: db) else {
                throw StoreError(.failed, "the store \(path) has \(Self.limit(of: rule.kind)) rules; it takes no more")
            }
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO rules (kind, subject, active, at, reason, likeness) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (kind, subject) DO UPDATE
                    SET active = excluded.active, at = excluded.at, reason = excluded.reason,
                        likeness = excluded.likeness
                    WHERE excluded.at > at
                    """)
            try statement.execute(arguments: [
                rule.kind.rawValue, Data(rule.subjectBytes), rule.isActive, rule.at, rule.reason,
                rule.kind == .pinnedName ? (try? DisplayName(rule.reason))?.likeness : nil,
            ])
            guard db.changesCount == 1 else { return false }
            switch rule.subject {
            case .name(let key), .known(let key):
                try db.execute(
                    sql: "UPDATE authors SET known = ? WHERE key = ?",
                    arguments: [try RuleReader(db).isKnown(key), key.text])
            case .message, .key: break
            }
            return true
        }
    }

    /// Works out from the rules whether the message is hidden.
    private func apply(toMessage id: MessageID) throws(StoreError) -> Int {
        try inTransaction { db in
            let found = try GRDB.Row.fetchOne(
                db,
                sql: """
                    SELECT m.position, m.hidden, EXISTS (
                        SELECT 1 FROM rules AS r WHERE r.active = 1
                        AND (r.kind = 1 AND r.subject = m.id OR r.kind = 2 AND r.subject = CAST(a.key AS BLOB)))
                    FROM messages AS m JOIN authors AS a ON a.author = m.author WHERE \(Self.byID("m."))
                    """, arguments: [id.blob])
            guard let found, found[1] as Bool != found[2] as Bool else { return 0 }
            return try Self.setHidden(found[2], positions: [found[0]], in: db)
        }
    }

    private func apply(toKey key: PublicKey, isBlocked: Bool) throws(StoreError) -> Int {
        if isBlocked {
            try writing { db in try db.execute(sql: "DELETE FROM early WHERE key = ?", arguments: [key.text]) }
        }
        var total = 0
        while true {
            let count = try inTransaction { db in
                let author = try Int64.fetchOne(
                    db, sql: "SELECT author FROM authors WHERE key = ?", arguments: [key.text])
                guard let author else { return 0 }
                let positions = try Int64.fetchAll(
                    db, sql: isBlocked ? Self.shownOfAuthor : Self.hiddenOfAuthor,
                    arguments: [author, StoreLimits.houseBatch])
                return try Self.setHidden(isBlocked, positions: positions, in: db)
            }
            total += count
            if count < StoreLimits.houseBatch { return total }
        }
    }

    private static let shownOfAuthor = """
        SELECT position FROM messages INDEXED BY messages_by_author WHERE author = ? AND hidden = 0 LIMIT ?
        """

    /// Those that are hidden one by one stay hidden.
    private static let hiddenOfAuthor = """
        SELECT position FROM messages AS m INDEXED BY messages_hidden_by_author WHERE author = ? AND hidden = 1
        AND NOT EXISTS (SELECT 1 FROM rules AS r WHERE r.kind = 1 AND r.active = 1 AND r.subject = m.id) LIMIT ?
        """

    private static func setHidden(_ isHidden: Bool, positions: [Int64], in db: Database) throws -> Int {
        guard !positions.isEmpty else { return 0 }
        let update = try db.cachedStatement(sql: "UPDATE messages SET hidden = ? WHERE position = ?")
        let named = try db.cachedStatement(sql: "SELECT author FROM messages WHERE position = ? AND name IS NOT NULL")
        var authors: Set<Int64> = []
        for position in positions {
            try update.execute(arguments: [isHidden, position])
            if let author = try Int64.fetchOne(named, arguments: [position]) { authors.insert(author) }
        }
        for author in authors { try NameRegistry.update(author, in: db) }
        // A place of its own: whoever remembers a page by the store's position sees that it has changed.
        try db.cachedStatement(sql: "UPDATE store SET hidden = hidden + ?, position = position + 1")
            .execute(arguments: [isHidden ? positions.count : -positions.count])
        return positions.count
    }
}

/// What the rules say, within one transaction. Where nothing is hidden and nobody blocked, asking for that costs nothing.
struct RuleReader {
    private let isActive: Statement?
    private let isKnown: Statement
    private var blocked: [PublicKey: Bool] = [:]

    init(_ db: Database) throws {
        let hasRules = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM rules WHERE kind IN (1, 2))"))
        isActive =
            hasRules == true
            ? try db.cachedStatement(sql: "SELECT active FROM rules WHERE kind = ? AND subject = ?") : nil
        isKnown = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM rules WHERE kind IN (3, 4) AND subject = ? AND active = 1)")
    }

    mutating func isBlocked(_ key: PublicKey) throws -> Bool {
        if let known = blocked[key] { return known }
        let answer = try holds(.key(key))
        blocked[key] = answer
        return answer
    }

    func isHidden(_ id: MessageID) throws -> Bool { try holds(.message(id)) }

    /// Whether the key has a name of the operator's, or is known by itself.
    func isKnown(_ key: PublicKey) throws -> Bool {
        try Bool.fetchOne(isKnown, arguments: [Data(Rule(subject: .known(key), isActive: true, at: 0).subjectBytes)])
            ?? false
    }

    private func holds(_ subject: Rule.Subject) throws -> Bool {
        guard let isActive else { return false }
        let rule = Rule(subject: subject, isActive: true, at: 0)
        return try Bool.fetchOne(isActive, arguments: [rule.kind.rawValue, Data(rule.subjectBytes)]) ?? false
    }
}
