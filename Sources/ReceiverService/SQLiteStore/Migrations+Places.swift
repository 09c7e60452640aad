import GRDB
import Messages
import TextSearch

/// The form that messages and authors have since version 9.
extension Migrations {
    /// The order of a wall is that of ``Place``, and of the ids where two places are one. Who holds how much of the store
    /// is kept beside the messages, and what is not here any more is remembered.
    ///
    /// The messages themselves are brought over after this, in transactions of their own (``Conversion``), so that one that
    /// is interrupted goes on where it was. Until then they are in `old_messages`.
    static func places(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE messages RENAME TO old_messages;
                DROP INDEX messages_by_time;
                DROP INDEX messages_by_channel;
                DROP INDEX messages_by_author;
                DROP INDEX messages_by_author_and_channel;
                DROP INDEX messages_hidden_by_author;
                DROP INDEX messages_hidden_by_channel;
                DROP INDEX messages_with_name;

                CREATE TABLE messages (
                    position    INTEGER PRIMARY KEY CHECK (position > 0), -- order of commit
                    id          BLOB NOT NULL CHECK (length(id) = 32),
                    place       INTEGER NOT NULL, -- in the order of a wall
                    received_at INTEGER NOT NULL, -- ms: this store's clock when it came
                    channel     INTEGER NOT NULL,
                    author      INTEGER NOT NULL, -- no REFERENCES: all messages would be looked through when one goes
                    message     BLOB NOT NULL, -- binary form of the signed message
                    hidden      INTEGER NOT NULL, -- 1: by a rule
                    name        TEXT, -- what it says of its author's name; '': none from here on
                    bytes       INTEGER NOT NULL, -- what it takes of the file, about
                    ahead       INTEGER, -- ms: from its time in the order to the author's; NULL: it has no author's time
                    signature   BLOB CHECK (length(signature) = 32) -- of 2011, the first with its signature: SHA-256 of it
                ) STRICT;
                CREATE UNIQUE INDEX messages_by_signature ON messages (signature) WHERE signature IS NOT NULL;

                ALTER TABLE authors ADD COLUMN first_seen INTEGER NOT NULL DEFAULT 0; -- ms: when the first message came
                ALTER TABLE authors ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE authors ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0; -- what they take
                ALTER TABLE authors ADD COLUMN known INTEGER NOT NULL DEFAULT 0; -- 1: by a rule of kind 3 or 4

                ALTER TABLE channels ADD COLUMN withheld_from INTEGER; -- ms: at or before it not all of `withheld` is known
                -- ms: when this form was first used, of a store that had another one; 0: not yet
                ALTER TABLE store ADD COLUMN upgraded_at INTEGER;
                UPDATE store SET upgraded_at = 0 WHERE messages > 0;

                CREATE TABLE withheld (
                    why     INTEGER NOT NULL, -- 1: a rule, 2: no room in the channel, 3: for strangers, 4: too old
                    channel INTEGER NOT NULL REFERENCES channels (channel),
                    at      INTEGER NOT NULL, -- ms: the author's time; -1: it has none
                    id      BLOB NOT NULL CHECK (length(id) = 32), -- the message's; of 2011 the signature's
                    PRIMARY KEY (why, channel, at, id)
                ) STRICT, WITHOUT ROWID;

                -- Fingerprints of ranges of a channel's (author's time, id), by which stores compare what they have.
                CREATE TABLE ranges (
                    channel INTEGER NOT NULL REFERENCES channels (channel),
                    level   INTEGER NOT NULL, -- 0: of all
                    prefix  BLOB NOT NULL, -- what the time and the id begin with
                    parts   BLOB NOT NULL, -- count and hash of each part of the range
                    PRIMARY KEY (channel, level, prefix)
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE new_rules (
                    kind     INTEGER NOT NULL CHECK (kind IN (1, 2, 3, 4)), -- 4: an author who is no stranger
                    subject  BLOB NOT NULL, -- the message's id, or the key's text
                    active   INTEGER NOT NULL CHECK (active IN (0, 1)), -- 0: it was taken back
                    at       INTEGER NOT NULL, -- ms: when it was said; the newest word counts
                    reason   TEXT NOT NULL,
                    likeness TEXT, -- of a name that the operator gave
                    PRIMARY KEY (kind, subject)
                ) STRICT, WITHOUT ROWID;
                INSERT INTO new_rules SELECT kind, subject, active, at, reason, likeness FROM rules;
                DROP TABLE rules;
                ALTER TABLE new_rules RENAME TO rules;
                CREATE INDEX rules_by_likeness ON rules (likeness) WHERE kind = 3 AND active = 1;
                """)
    }

    /// What authors are called by now is kept with them (``NameRegistry``): a page reads it there, and who has a name is found
    /// among those who have it, not among all who ever had.
    static func called(_ db: Database) throws {
        db.add(function: likenessFunction)
        defer { db.remove(function: likenessFunction) }
        try db.execute(
            sql: """
                ALTER TABLE authors ADD COLUMN name TEXT; -- the newest claim that is shown; NULL: none
                ALTER TABLE authors ADD COLUMN likeness TEXT; -- of that name
                ALTER TABLE authors ADD COLUMN since INTEGER; -- the position of the first message that claimed it
                CREATE INDEX authors_by_likeness ON authors (likeness, since) WHERE likeness IS NOT NULL;
                DROP INDEX names_by_likeness;

                -- More letters look alike since then.
                INSERT INTO names SELECT author, likeness(likeness), since FROM names WHERE likeness(likeness) != likeness
                    ON CONFLICT DO UPDATE SET since = min(since, excluded.since);
                DELETE FROM names WHERE likeness(likeness) != likeness;
                UPDATE rules SET likeness = likeness(reason) WHERE kind = 3;
                """)
    }

    private static let likenessFunction = DatabaseFunction("likeness", argumentCount: 1, pure: true) { values in
        String.fromDatabaseValue(values[0]).map(DisplayName.likeness)
    }

    /// The indexes of messages. What serves pages holds only what is shown. An id is found by its first bytes: the whole ones
    /// would be a quarter of a store.
    static let messageIndexes = [
        "messages_by_id ON messages (substr(id, 1, 8))",
        "messages_by_time ON messages (place) WHERE hidden = 0",
        "messages_by_channel ON messages (channel, place) WHERE hidden = 0",
        "messages_by_author ON messages (author, place) WHERE hidden = 0",
        "messages_by_author_and_channel ON messages (author, channel, place) WHERE hidden = 0",
        "messages_hidden_by_author ON messages (author) WHERE hidden = 1",
        "messages_hidden_by_channel ON messages (channel, place) WHERE hidden = 1",
        "messages_with_name ON messages (author, place) WHERE hidden = 0 AND name IS NOT NULL",
        "messages_shown ON messages (position) WHERE hidden = 0",
    ]
}
