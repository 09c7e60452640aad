import Foundation
import GRDB
import Messages
import TelehashWire

extension Migrations {
    /// Room for messages whose time has not come, and what is known of the clock.
    ///
    /// Names of channels have one spelling since then: a channel whose name was another one is left with its end.
    static func early(_ db: Database) throws {
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
}
