import GRDB

extension Migrations {
    /// What an operator keeps out of sight, and what retention needs to know without counting.
    ///
    /// Whether a message is hidden is a column of its row, worked out from the rules whenever one of them changes: the
    /// indexes that serve pages hold only what is shown.
    static func moderation(_ db: Database) throws {
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
}
