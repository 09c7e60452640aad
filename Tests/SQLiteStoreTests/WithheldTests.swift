import Bus
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// What is remembered of messages that are not here.
@Suite struct WithheldTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func rows() throws -> (counted: Int, there: Int, from: Int64?) {
        try store.pool.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT withheld, (SELECT count(*) FROM withheld), (SELECT max(withheld_from) FROM channels) FROM store
                    """)
            return (row?[0] ?? 0, row?[1] ?? 0, row?[2])
        }
    }

    @Test func ids_areAMillionAtMost_andTheOldestGoFirst() throws {
        let excess = 1_000
        try store.pool.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
                    INSERT INTO withheld SELECT 1 + n % 3, 1, ?2 + n, randomblob(32) FROM numbers
                    """, arguments: [StoreLimits.withheld + excess, Fixture.now - 10_000_000])
            try db.execute(sql: "UPDATE store SET withheld = ?", arguments: [StoreLimits.withheld + excess])
        }
        try store.boundWithheld(now: Fixture.now)
        let after = try rows()
        let tenth = StoreLimits.withheld / 10
        let edge = Fixture.now - 10_000_000 + Int64(excess + tenth)
        #expect(after == (StoreLimits.withheld - tenth, after.counted, edge))
        try store.boundWithheld(now: Fixture.now)
        #expect(try rows() == after)
        // Nothing that comes late is refused for it.
        #expect(try store.commit([Fixture.message("late", at: Fixture.now - 9_999_000)]).outcomes == [.stored])
        store.close()
    }

    @Test func ids_areKeptOnce_andLeaveWithTheirReason() throws {
        let messages = try Fixture.messages(20)
        try store.commit(messages)
        #expect(try store.prune(Retention(.init(bytes: 1)), now: Fixture.now) == 20)
        _ = try store.set(Rule(subject: .key(Fixture.author.publicKey), isActive: true, at: 1))
        for _ in 0..<2 { try store.commit(Array(messages.prefix(5))) }
        #expect(try rows() == (25, 25, nil))
        _ = try store.set(Rule(subject: .key(Fixture.author.publicKey), isActive: false, at: 2))
        #expect(try rows() == (20, 20, nil))
        _ = try store.prune(Retention(), now: Fixture.now)
        #expect(try rows() == (0, 0, nil))
        store.close()
    }
}
