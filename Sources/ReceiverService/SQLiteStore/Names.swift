import GRDB
import Messages
import ReceiverStore
import TextSearch

/// What authors are called, within one transaction.
///
/// Of two authors with one name the one is marked who came later here; whom the operator named so comes first. Who is called
/// otherwise by now, or is hidden, has no name that others could have.
final class NameReader {
    /// Two columns of a statement over `messages AS m`: the newest claim of its author that is shown, and the pinned name.
    static let columns = """
        (SELECT name FROM messages AS n INDEXED BY messages_with_name
            WHERE n.author = m.author AND n.hidden = 0 AND n.name IS NOT NULL
            ORDER BY n.place DESC LIMIT 1),
        (SELECT reason FROM rules WHERE kind = 3 AND active = 1
            AND subject = (SELECT CAST(key AS BLOB) FROM authors AS a WHERE a.author = m.author))
        """

    static let pinnedSQL = """
        SELECT CAST(subject AS TEXT) FROM rules WHERE likeness = ? AND kind = 3 AND active = 1
        AND subject != (SELECT CAST(key AS BLOB) FROM authors WHERE author = ?) LIMIT 1
        """

    static let claimantsSQL = """
        SELECT o.author, a.key FROM names AS o CROSS JOIN authors AS a ON a.author = o.author
        WHERE o.likeness = ? ORDER BY o.since LIMIT ?
        """

    private let db: Database
    private var known: [Int64: AuthorName] = [:]
    /// Who has a name, by its likeness: many may have come later to one.
    private var holders: [String: (author: Int64, key: PublicKey)?] = [:]

    init(_ db: Database) { self.db = db }

    func name(of author: Int64) throws -> AuthorName {
        if let name = known[author] { return name }
        let (claimed, pinned) = try words(for: author)
        return try remember(claimed, pinned, of: author)
    }

    /// - Parameter column: the first of ``columns`` in the row.
    func name(of author: Int64, in row: Row, at column: Int) throws -> AuthorName {
        if let name = known[author] { return name }
        return try remember(Self.displayName(row[column]), Self.displayName(row[column + 1]), of: author)
    }

    /// A message was written that may say something else.
    func forget(_ author: Int64) {
        known[author] = nil
        holders = [:]
    }

    private func remember(_ claimed: DisplayName?, _ pinned: DisplayName?, of author: Int64) throws -> AuthorName {
        let namesake = try pinned == nil ? claimed.flatMap { try self.namesake($0.likeness, of: author) } : nil
        let name = AuthorName(claimed: claimed, pinned: pinned, namesake: namesake)
        known[author] = name
        return name
    }

    private func words(for author: Int64) throws -> (claimed: DisplayName?, pinned: DisplayName?) {
        let statement = try db.cachedStatement(sql: "SELECT \(Self.columns) FROM (SELECT ? AS author) AS m")
        guard let row = try Row.fetchOne(statement, arguments: [author]) else { return (nil, nil) }
        return (Self.displayName(row[0]), Self.displayName(row[1]))
    }

    private func namesake(_ likeness: String, of author: Int64) throws -> PublicKey? {
        let pinned = try String.fetchOne(db.cachedStatement(sql: Self.pinnedSQL), arguments: [likeness, author])
        if let pinned { return try? PublicKey(pinned) }
        let holder = try holder(of: likeness)
        return holder?.author == author ? nil : holder?.key
    }

    /// Who came first of those who are called so by now.
    private func holder(of likeness: String) throws -> (author: Int64, key: PublicKey)? {
        if let known = holders[likeness] { return known }
        let claimants = try db.cachedStatement(sql: Self.claimantsSQL)
        let first = try Row.fetchAll(claimants, arguments: [likeness, StoreLimits.namesakes]).first { row in
            let (claimed, pinned) = try words(for: row[0])
            return (pinned ?? claimed)?.likeness == likeness
        }
        let holder = try first.map { row in (author: row[0] as Int64, key: try PublicKey(row[1] as String)) }
        holders[likeness] = .some(holder)
        return holder
    }

    private static func displayName(_ text: String?) -> DisplayName? {
        // An empty claim takes the earlier ones back.
        text.flatMap { try? DisplayName($0) }
    }
}

/// Who was first to have a name in this store.
enum NameRegistry {
    /// A message claims the name. An author keeps the newest names only, so that they take no more room than others.
    ///
    /// - Parameter position: the message's.
    static func note(_ name: DisplayName, of author: Int64, at position: Int64, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO names (author, likeness, since) VALUES (?, ?, ?)
                ON CONFLICT (author, likeness) DO NOTHING
                """
        ).execute(arguments: [author, name.likeness, position])
        guard db.changesCount == 1 else { return }
        try db.cachedStatement(
            sql: """
                DELETE FROM names WHERE author = ?1 AND (SELECT count(*) FROM names WHERE author = ?1) > ?2
                AND likeness = (SELECT likeness FROM names WHERE author = ?1 ORDER BY since LIMIT 1)
                """
        ).execute(arguments: [author, StoreLimits.namesOfAuthor])
    }
}
