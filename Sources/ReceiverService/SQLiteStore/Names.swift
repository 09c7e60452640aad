import GRDB
import Messages
import ReceiverStore
import TextSearch

/// What authors are called, within one transaction.
///
/// Of two authors with one name the one is marked who came later here; whom the operator named so comes first. Who is called
/// otherwise by now, or is hidden, has no name that others could have.
final class NameReader {
    /// Columns of a statement over `authors AS a`: what the author claims, what the operator says, and who else has the name:
    /// whom the operator calls so, or who claimed it first of those who do so still.
    static let columns = """
        a.name, \(pin("a")), CASE WHEN a.likeness IS NOT NULL THEN nullif(coalesce(
            (SELECT CAST(subject AS TEXT) FROM rules WHERE likeness = a.likeness AND kind = 3 AND active = 1 LIMIT 1),
            (SELECT o.key FROM authors AS o INDEXED BY authors_by_likeness
                WHERE o.likeness = a.likeness AND \(pin("o")) IS NULL ORDER BY o.since LIMIT 1)), a.key) END
        """

    private static func pin(_ author: String) -> String {
        "(SELECT reason FROM rules WHERE kind = 3 AND active = 1 AND subject = CAST(\(author).key AS BLOB))"
    }

    static let authorSQL = "SELECT \(columns) FROM authors AS a WHERE a.author = ?"

    private let db: Database
    private var known: [Int64: AuthorName] = [:]

    init(_ db: Database) { self.db = db }

    func name(of author: Int64) throws -> AuthorName {
        if let name = known[author] { return name }
        let row = try Row.fetchOne(db.cachedStatement(sql: Self.authorSQL), arguments: [author])
        return row.map { name(of: author, in: $0, at: 0) } ?? .none
    }

    /// - Parameter column: the first of ``columns`` in the row.
    func name(of author: Int64, in row: Row, at column: Int) -> AuthorName {
        if let name = known[author] { return name }
        let pinned = NameRegistry.displayName(row[column + 1])
        let name = AuthorName(
            claimed: NameRegistry.displayName(row[column]), pinned: pinned,
            namesake: pinned == nil ? (row[column + 2] as String?).flatMap { try? PublicKey($0) } : nil)
        known[author] = name
        return name
    }

    /// A message was written that says something else.
    func forget() { known = [:] }
}

/// What each author is called by now, and since when.
enum NameRegistry {
    /// The newest claim of an author that is shown may be another one than before.
    static func update(_ author: Int64, in db: Database) throws {
        let find = try db.cachedStatement(
            sql: """
                SELECT a.name, n.name, n.position FROM authors AS a LEFT JOIN messages AS n ON n.position =
                    (SELECT position FROM messages INDEXED BY messages_with_name
                    WHERE author = a.author AND hidden = 0 AND name IS NOT NULL ORDER BY place DESC LIMIT 1)
                WHERE a.author = ?
                """)
        guard let row = try Row.fetchOne(find, arguments: [author]) else { return }
        let name = displayName(row[1])
        guard name != displayName(row[0]) else { return }
        let likeness = name?.likeness
        if let likeness { try note(likeness, of: author, at: row[2], in: db) }
        try db.cachedStatement(
            sql: """
                UPDATE authors SET name = ?2, likeness = ?3,
                    since = (SELECT since FROM names WHERE author = ?1 AND likeness = ?3) WHERE author = ?1
                """
        ).execute(arguments: [author, name?.text, likeness])
    }

    /// An author keeps the newest names only, so that they take no more room than others.
    ///
    /// - Parameter position: of the message that claims the name.
    static func note(_ likeness: String, of author: Int64, at position: Int64, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO names (author, likeness, since) VALUES (?, ?, ?)
                ON CONFLICT (author, likeness) DO NOTHING
                """
        ).execute(arguments: [author, likeness, position])
        guard db.changesCount == 1 else { return }
        try db.cachedStatement(
            sql: """
                DELETE FROM names WHERE author = ?1 AND (SELECT count(*) FROM names WHERE author = ?1) > ?2
                AND likeness = (SELECT likeness FROM names WHERE author = ?1 AND likeness != ?3 ORDER BY since LIMIT 1)
                """
        ).execute(arguments: [author, StoreLimits.namesOfAuthor, likeness])
    }

    /// An empty claim takes the earlier ones back.
    static func displayName(_ text: String?) -> DisplayName? { text.flatMap { try? DisplayName($0) } }
}
