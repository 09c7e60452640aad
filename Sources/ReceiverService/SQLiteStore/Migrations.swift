import Bus
import Foundation
import GRDB
import Messages
import TelehashWire
import TextSearch

/// The history of the store's schema. Append only: a migration that was released is never changed.
///
/// `user_version` is the number of the last migration, so that an older p2pmsg refuses a newer store.
enum Migrations {
    private static let all: [(name: String, body: @Sendable (Database) throws -> Void)] = [
        ("1 messages", messages), ("2 replicas", replicas), ("3 moderation", moderation), ("4 search", search),
        ("5 names", displayNames), ("6 early", early), ("7 folding", folding), ("8 likenesses", likenesses),
        ("9 places", places), ("10 called", called),
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

    /// What an operator keeps out of sight, and what retention needs to know without counting.
    ///
    /// Whether a message is hidden is a column of its row, worked out from the rules whenever one of them changes: the
    /// indexes that serve pages hold only what is shown.
    private static func moderation(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE rules (
                    kind    INTEGER NOT NULL CHECK (kind IN (1, 2)), -- 1: a message is hidden, 2: a key is blocked
                    subject BLOB NOT NULL, -- the message's id, or the key's text
                    active  INTEGER NOT NULL CHECK (active IN (0, 1)), -- 0: it was taken back
                    at      INTEGER NOT NULL, -- ms: when it was said; the newest word counts
                    reason  TEXT NOT NULL,
                    PRIMARY KEY (kind, subject)
                ) STRICT, WITHOUT ROWID;

                ALTER TABLE messages ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE store ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0; -- messages that are not shown
                ALTER TABLE channels ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0; -- of the messages' binary form
                ALTER TABLE channels ADD COLUMN horizon INTEGER; -- ms: nothing at or before it is kept

                UPDATE channels SET bytes =
                    (SELECT coalesce(sum(length(message)), 0) FROM messages WHERE channel = channels.channel);

                DROP INDEX messages_by_time;
                DROP INDEX messages_by_channel;
                DROP INDEX messages_by_author;
                DROP INDEX messages_by_author_and_channel;
                CREATE INDEX messages_by_time ON messages (sort_at, id) WHERE hidden = 0;
                CREATE INDEX messages_by_channel ON messages (channel, sort_at, id) WHERE hidden = 0;
                CREATE INDEX messages_by_author ON messages (author, sort_at, id) WHERE hidden = 0;
                CREATE INDEX messages_by_author_and_channel ON messages (author, channel, sort_at, id) WHERE hidden = 0;
                CREATE INDEX messages_hidden_by_author ON messages (author) WHERE hidden = 1;
                CREATE INDEX messages_hidden_by_channel ON messages (channel, sort_at) WHERE hidden = 1;
                """)
    }

    /// The words of every message, found by its position; ``WordIndexing`` puts them in.
    ///
    /// The texts themselves are not kept a second time. The words come in as ``SearchWords`` folds and parts them, so that
    /// all that SQLite has to do is to part them at the spaces.
    private static func search(_ db: Database) throws {
        try db.execute(sql: words)
    }

    /// What authors claim to be called, and room for what the operator calls them.
    ///
    /// A claim stays with the message that made it: where that is hidden or dropped, the claim before it holds again. The
    /// newest one of an author is the end of a range of an index that holds nothing but claims that are shown.
    private static func displayNames(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE messages ADD COLUMN name TEXT; -- what it says of its author's name; '': none from here on
                CREATE INDEX messages_with_name ON messages (author, sort_at, id) WHERE hidden = 0 AND name IS NOT NULL;

                CREATE TABLE new_rules (
                    kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3)), -- 3: the name of a key, which is the reason
                    subject BLOB NOT NULL, -- the message's id, or the key's text
                    active  INTEGER NOT NULL CHECK (active IN (0, 1)), -- 0: it was taken back
                    at      INTEGER NOT NULL, -- ms: when it was said; the newest word counts
                    reason  TEXT NOT NULL,
                    PRIMARY KEY (kind, subject)
                ) STRICT, WITHOUT ROWID;
                INSERT INTO new_rules SELECT kind, subject, active, at, reason FROM rules;
                DROP TABLE rules;
                ALTER TABLE new_rules RENAME TO rules;
                """)
        let set = try db.cachedStatement(sql: "UPDATE messages SET name = ? WHERE position = ?")
        let candidates = try Row.fetchAll(
            db, sql: "SELECT position, message FROM messages WHERE instr(message, CAST('+name' AS BLOB)) > 0")
        for row in candidates {
            guard let claim = (try? SignedMessage(encoded: [UInt8](row[1] as Data)))?.nameClaim else { continue }
            try set.execute(arguments: [claim.text, row[0] as Int64])
        }
    }

    /// Room for messages whose time has not come, and what is known of the clock.
    ///
    /// Names of channels have one spelling since then: a channel whose name was another one is left with its end.
    private static func early(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE early (
                    id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
                    at          INTEGER NOT NULL, -- ms: the author's time
                    received_at INTEGER NOT NULL, -- ms: this store's clock when it came
                    key         TEXT NOT NULL, -- the author
                    known       INTEGER NOT NULL, -- 1: the author had a message here, or a pinned name
                    bytes       INTEGER NOT NULL, -- of the message
                    message     BLOB NOT NULL -- binary form of the signed message
                ) STRICT;
                CREATE INDEX early_by_time ON early (at);
                CREATE INDEX early_by_worth ON early (known, at, bytes);
                CREATE INDEX early_by_author ON early (key);
                CREATE INDEX early_by_arrival ON early (received_at, key);

                ALTER TABLE store ADD COLUMN believed_at INTEGER; -- ms: the clock when it was last believed
                """)
        for row in try Row.fetchAll(db, sql: #"SELECT channel, "end", name FROM channels WHERE name IS NOT NULL"#) {
            let end = NodeID(bytes: row[1] as Data)
            guard (try? Channel(row[2] as String))?.end != end else { continue }
            try db.execute(sql: "UPDATE channels SET name = NULL WHERE channel = ?", arguments: [row[0] as Int64])
        }
    }

    /// ``SearchWords`` folds otherwise since then, so that the index is made anew.
    ///
    /// Of a large store that takes minutes. It is done after this, in transactions of its own (``WordIndexing``), so that
    /// one that is interrupted goes on where it was.
    private static func folding(_ db: Database) throws {
        try db.execute(
            sql: """
                DROP TABLE words;
                \(words);
                -- up to which position the words of messages are in the index; NULL: of all
                ALTER TABLE store ADD COLUMN indexed_to INTEGER;
                UPDATE store SET indexed_to = 0;
                """)
    }

    private static let words = """
        CREATE VIRTUAL TABLE words USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii')
        """

    /// Who was first to be called so. It outlives the messages: otherwise pruning would take a name from its first author.
    private static func likenesses(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE names (
                    author   INTEGER NOT NULL REFERENCES authors (author),
                    likeness TEXT NOT NULL, -- of a name that the author claimed
                    since    INTEGER NOT NULL, -- the position of the first message that did
                    PRIMARY KEY (author, likeness)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX names_by_likeness ON names (likeness, since);
                ALTER TABLE rules ADD COLUMN likeness TEXT; -- of a name that the operator gave
                CREATE INDEX rules_by_likeness ON rules (likeness) WHERE kind = 3 AND active = 1;
                """)
        let claims = try Row.fetchAll(
            db,
            sql: "SELECT author, name, min(position) FROM messages WHERE name != '' GROUP BY author, name ORDER BY 3")
        for row in claims {
            guard let name = try? DisplayName(row[1] as String) else { continue }
            try NameRegistry.note(name.likeness, of: row[0], at: row[2], in: db)
        }
        let pinned = try Row.fetchAll(db, sql: "SELECT subject, reason FROM rules WHERE kind = 3")
        for row in pinned {
            try db.execute(
                sql: "UPDATE rules SET likeness = ? WHERE kind = 3 AND subject = ?",
                arguments: [(try? DisplayName(row[1] as String))?.likeness, row[0] as Data])
        }
    }
}
