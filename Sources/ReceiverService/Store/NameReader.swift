import GRDB
import Messages

/// What authors are called, as the rows of pages have it and within one transaction of a writer.
struct NameReader {
    /// Two columns of a statement over `messages AS m`: the newest claim of its author that is shown, and the pinned name.
    static let columns = """
        (SELECT name FROM messages AS n INDEXED BY messages_with_name
            WHERE n.author = m.author AND n.hidden = 0 AND n.name IS NOT NULL
            ORDER BY n.sort_at DESC, n.id DESC LIMIT 1),
        (SELECT reason FROM rules WHERE kind = 3 AND active = 1
            AND subject = (SELECT CAST(key AS BLOB) FROM authors AS a WHERE a.author = m.author))
        """

    private let statement: Statement

    init(_ db: Database) throws {
        statement = try db.cachedStatement(sql: "SELECT \(Self.columns) FROM (SELECT ? AS author) AS m")
    }

    func name(of author: Int64) throws -> AuthorName {
        guard let row = try Row.fetchOne(statement, arguments: [author]) else { return .none }
        return Self.name(in: row, at: 0)
    }

    /// - Parameter column: the first of ``columns`` in the row.
    static func name(in row: Row, at column: Int) -> AuthorName {
        AuthorName(claimed: displayName(row[column]), pinned: displayName(row[column + 1]))
    }

    private static func displayName(_ text: String?) -> DisplayName? {
        // An empty claim takes the earlier ones back.
        text.flatMap { try? DisplayName($0) }
    }
}
