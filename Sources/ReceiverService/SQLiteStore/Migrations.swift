import Bus
import GRDB

/// The history of the store's schema. Append only: a migration that was released is never changed.
///
/// `user_version` is the number of the last migration, so that an older p2pmsg refuses a newer store.
enum Migrations {
    private static let all: [(name: String, body: @Sendable (Database) throws -> Void)] = [
        ("1 messages", messages), ("2 replicas", replicas), ("3 moderation", moderation), ("4 search", search),
        ("5 names", displayNames), ("6 early", early), ("7 folding", folding), ("8 likenesses", likenesses),
    ]

    static let names = all.map(\.name)

    /// The newest `user_version` that this p2pmsg understands.
    static let version = all.count

    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.eraseDatabaseOnSchemaChange = false
        for (index, migration) in all.enumerated() {
            migrator.registerMigration(migration.name) { db in
                try migration.body(db)
                try db.execute(sql: "PRAGMA user_version = \(index + 1)")
            }
        }
        return migrator
    }

    /// The order of a wall is (sort_at, id), so every index that serves pages ends with these two and a page is one
    /// range of one index. Authors and channels are numbers in the messages: an author's text has up to 128 bytes and
    /// would be in two indexes.
    private static func messages(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE store (
                    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
                    id       TEXT NOT NULL CHECK (length(id) = 36),
                    position INTEGER NOT NULL CHECK (position >= 0), -- the newest that was given to a message
                    messages INTEGER NOT NULL CHECK (messages >= 0),
                    authors  INTEGER NOT NULL CHECK (authors >= 0)
                ) STRICT;

                CREATE TABLE channels (
                    channel  INTEGER PRIMARY KEY,
                    "end"    BLOB NOT NULL UNIQUE CHECK (length("end") = 20),
                    name     TEXT, -- NULL while only the end is known
                    messages INTEGER NOT NULL CHECK (messages >= 0)
                ) STRICT;

                CREATE TABLE authors (
                    author INTEGER PRIMARY KEY,
                    key    TEXT NOT NULL UNIQUE
                ) STRICT;

                CREATE TABLE messages (
                    position    INTEGER PRIMARY KEY CHECK (position > 0), -- order of commit
                    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
                    sort_at     INTEGER NOT NULL, -- ms: the author's time, else received_at
                    received_at INTEGER NOT NULL, -- ms: this store's clock when it came
                    channel     INTEGER NOT NULL REFERENCES channels (channel),
                    author      INTEGER NOT NULL REFERENCES authors (author),
                    message     BLOB NOT NULL -- binary form of the signed message
                ) STRICT;

                CREATE INDEX messages_by_time ON messages (sort_at, id);
                CREATE INDEX messages_by_channel ON messages (channel, sort_at, id);
                CREATE INDEX messages_by_author ON messages (author, sort_at, id);
                CREATE INDEX messages_by_author_and_channel ON messages (author, channel, sort_at, id);
                """)
        var random = SystemRandomNumberGenerator()
        try db.execute(
            sql: "INSERT INTO store (only_row, id, position, messages, authors) VALUES (1, ?, 0, 0, 0)",
            arguments: [StoreID(UniqueID(using: &random)).description])
    }

    private static func replicas(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE replicas (
                    store    TEXT NOT NULL PRIMARY KEY CHECK (length(store) = 36), -- another store's id
                    position INTEGER NOT NULL CHECK (position >= 0) -- up to which of its positions it was read
                ) STRICT, WITHOUT ROWID
                """)
    }
}
