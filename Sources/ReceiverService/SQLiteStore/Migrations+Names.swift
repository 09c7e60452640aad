import Foundation
import GRDB
import Messages
import TextSearch

extension Migrations {
    /// What authors claim to be called, and room for what the operator calls them.
    ///
    /// A claim stays with the message that made it: where that is hidden or dropped, the claim before it holds again. The
    /// newest one of an author is the end of a range of an index that holds nothing but claims that are shown.
    static func displayNames(_ db: Database) throws {
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

    /// Who was first to be called so. It outlives the messages: otherwise pruning would take a name from its first author.
    static func likenesses(_ db: Database) throws {
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
        let registry = try NameRegistry(db)
        for row in claims {
            guard let name = try? DisplayName(row[1] as String) else { continue }
            try registry.note(name, of: row[0], at: row[2])
        }
        let pinned = try Row.fetchAll(db, sql: "SELECT subject, reason FROM rules WHERE kind = 3")
        for row in pinned {
            try db.execute(
                sql: "UPDATE rules SET likeness = ? WHERE kind = 3 AND subject = ?",
                arguments: [(try? DisplayName(row[1] as String))?.likeness, row[0] as Data])
        }
    }
}
