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

    private func rows(_ whys: [Int] = [1, 2, 3, 4]) throws -> Int {
        let list = whys.map(String.init).joined(separator: ", ")
        return try store.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM withheld WHERE why IN (\(list))") ?? 0
        }
    }

    private func fill(_ why: Int, count: Int, at time: String) throws {
        try store.pool.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
                    INSERT INTO withheld SELECT ?, 1, \(time), randomblob(32) FROM numbers
                    """, arguments: [count, why])
        }
    }

    private func from() throws -> Int64? {
        try store.pool.read { db in try Int64.fetchOne(db, sql: "SELECT max(withheld_from) FROM channels") }
    }

    @Test func ids_haveABound_andTheOldestGoFirst() throws {
        let (limit, excess) = (StoreLimits.withheldForRoom, 1_000)
        try fill(2, count: limit + excess, at: "\(Fixture.now - 10_000_000) + n")
        try store.boundWithheld(now: Fixture.now)
        #expect(try rows() == limit - limit / 10)
        #expect(try from() == Fixture.now - 10_000_000 + Int64(excess + limit / 10))
        try store.boundWithheld(now: Fixture.now)
        #expect(try rows() == limit - limit / 10)
        // Nothing that comes late is refused for it.
        #expect(try store.commit([Fixture.message("late", at: Fixture.now - 9_999_000)]).outcomes == [.stored])
        store.close()
    }

    /// An author who is blocked, or writes as in 2011, may write as much as they like.
    @Test func ids_ofOneReason_driveOutNoOthers() throws {
        let other = try SQLiteStore.open(path: store.path, channels: [.tweets, Channel("garden")])
        try fill(2, count: 1_000, at: "\(Fixture.now - 20_000_000) + n")
        try fill(3, count: 1_000, at: "-1")
        try fill(1, count: StoreLimits.withheldByRules + 1, at: "\(Fixture.now - 10_000_000) + n")
        try fill(4, count: StoreLimits.withheldForAge + 1, at: "-1")
        try store.boundWithheld(now: Fixture.now)
        #expect(try rows([2]) == 1_000 && rows([3]) == 1_000)
        #expect(try rows([1]) == StoreLimits.withheldByRules * 9 / 10)
        #expect(try rows([4]) == StoreLimits.withheldForAge * 9 / 10, "not all that have no time")
        // Other channels are compared as far back as ever.
        let from = try store.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM channels WHERE withheld_from IS NOT NULL")
        }
        #expect(from == 1)
        other.close()
        store.close()
    }

    @Test func start_forgetsNothing_whereABlockWasOnceTakenBack() throws {
        let (key, other) = (Fixture.author.publicKey, Fixture.secondAuthor.publicKey)
        for (at, isActive) in [(1, true), (2, false)] as [(Int64, Bool)] {
            _ = try store.set(Rule(subject: .key(other), isActive: isActive, at: at))
        }
        _ = try store.set(Rule(subject: .key(key), isActive: true, at: 1))
        try store.commit(Fixture.messages(5))
        try store.finishRules()
        #expect(try rows() == 5)
        store.close()
    }

    @Test func ids_areKeptOnce_andLeaveWithTheirReason() throws {
        let messages = try Fixture.messages(20)
        try store.commit(messages)
        #expect(try store.prune(Retention(.init(bytes: 1)), now: Fixture.now) == 20)
        _ = try store.set(Rule(subject: .key(Fixture.author.publicKey), isActive: true, at: 1))
        for _ in 0..<2 { try store.commit(Array(messages.prefix(5))) }
        #expect(try rows() == 25)
        _ = try store.set(Rule(subject: .key(Fixture.author.publicKey), isActive: false, at: 2))
        #expect(try rows() == 20)
        _ = try store.prune(Retention(), now: Fixture.now)
        #expect(try rows() == 0)
        store.close()
    }
}
