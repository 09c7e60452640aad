import Foundation
import GRDB
import Messages

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
}
