import Foundation
import GRDB
import Messages
import ReceiverStore
import TextSearch

/// Who was first to have a name in this store.
struct NameRegistry {
    private let add: Statement
    private let count: Statement
    private let forget: Statement
    private let db: Database

    init(_ db: Database) throws {
        self.db = db
        add = try db.cachedStatement(
            sql:
                "INSERT INTO names (author, likeness, since) VALUES (?, ?, ?) ON CONFLICT (author, likeness) DO NOTHING"
        )
        count = try db.cachedStatement(sql: "SELECT count(*) FROM names WHERE author = ?")
        forget = try db.cachedStatement(
            sql: """
                DELETE FROM names WHERE author = ?1 AND likeness =
                    (SELECT likeness FROM names WHERE author = ?1 ORDER BY since LIMIT 1)
                """)
    }

    /// A message claims the name. An author keeps the newest names only, so that they take no more room than others.
    ///
    /// - Parameter position: the message's.
    func note(_ name: DisplayName, of author: Int64, at position: Int64) throws {
        try add.execute(arguments: [author, name.likeness, position])
        guard db.changesCount == 1, try Int.fetchOne(count, arguments: [author]) ?? 0 > StoreLimits.namesOfAuthor else {
            return
        }
        try forget.execute(arguments: [author])
    }
}
