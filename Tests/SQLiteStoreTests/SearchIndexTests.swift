import Bus
import Foundation
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing
import TextSearch

@testable import SQLiteStore

/// The index of words, however it came about.
@Suite struct SearchIndexTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let wall: WallOfWords

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory, channels: WallOfWords.channels)
        wall = try WallOfWords(store)
    }

    @Test(arguments: [(0, 5), (0, 40), (0, 10_000), (3, 1), (10_000, 0)])
    func positions_areTheSameHoweverTheyAreFound(_ sorted: Int, _ walked: Int) async throws {
        var random = SeededRandom(seed: 23)
        let effort = WordSearch.Effort(sortedMatches: sorted, walkedMessages: walked)
        for _ in 0..<100 {
            let query = try wall.randomQuery(&random)
            let search = try #require(query.search)
            let found = try await store.pool.read { db in
                try WordSearch(search, within: query, effort: effort, in: db).positions(limit: Int(query.limit))
            }
            let expected = query.matching(wall.rows).prefix(Int(query.limit)).map { Int64($0.position) }
            try #require(found == Array(expected), "\(query)")
        }
    }

    @Test func aSearchThatTakesTooLong_isRefused_andTheNextIsNot() async throws {
        let query = Query.Timeline(search: try SearchQuery("the"), limit: 50)
        let search = try #require(query.search)
        let body = try await store.pool.read { db in
            try SQLiteStore.search(search, within: query, rows: 50, in: db, limit: .seconds(-1))
        }
        guard case .refused(let refusal) = body else {
            Issue.record("\(body)")
            return
        }
        #expect(refusal.code == "search_too_broad")
        #expect(await store.page(.timeline(query))?.rows.isEmpty == false)
    }

    /// Forty thousand texts "a b a b …", and a phrase of 126 words: each of them is another walk through all places of its
    /// word, 80 seconds of work that find nothing. It ends when it was said to.
    @Test func phraseThatMeetsAFloodOfItsWords_endsInTime() async throws {
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 40999)
                    INSERT INTO words (rowid, text) SELECT i, ? FROM n
                    """, arguments: [Array(repeating: "a b", count: 225).joined(separator: " ") + " c"])
        }
        let phrase = "\"" + Array(repeating: "a b", count: 62).joined(separator: " ") + " b b\""
        let query = Query.Timeline(search: try SearchQuery(phrase), limit: 50)
        let limit = Duration.milliseconds(300)
        let start = ContinuousClock.now
        let body = try await store.pool.read { db in
            try SQLiteStore.search(try SearchQuery(phrase), within: query, rows: 50, in: db, limit: limit)
        }
        let taken = ContinuousClock.now - start
        #expect(body == .refused(.searchTooBroad))
        #expect(taken < .seconds(2), "\(taken)")
        // A client that waits for less gets less of it.
        let answer = await store.answer(.timeline(query), until: .now + .milliseconds(200))
        #expect(answer.body == .refused(.outdated))
        #expect(await store.page(.timeline(.init(limit: 1)))?.rows.count == 1, "the connection is as it was")
    }

    @Test func whatIsDropped_leavesTheIndex() async throws {
        let day: Int64 = 86_400_000
        _ = try store.prune(Retention(.init(age: .seconds(30 * 86_400))), now: Fixture.now + 31 * day)
        #expect(await store.summary()?.messages == 0)
        let left = try await store.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM words WHERE words MATCH 'wall OR the OR cafe OR red'")
        }
        #expect(left == 0)
    }

    /// The same wall in a store of an earlier version.
    private func older(_ version: Int, _ sql: String) throws -> String {
        store.close()
        let path = directory.file("older.sqlite")
        try OldStore.make(
            at: path, version: version, wall.rows.map { ($0.stored.message, $0.stored.receivedAt) },
            channels: WallOfWords.channels, sql)
        return path
    }

    @Test func anOlderStore_isIndexedWhenItIsOpened() async throws {
        let path = try older(3, "UPDATE messages SET message = x'00' WHERE position = 2")
        let opened = try SQLiteStore.open(path: path, channels: [.tweets])
        defer { opened.close() }
        let query = Query.Timeline(search: try SearchQuery("wall"), limit: 500)
        let page = try #require(await opened.page(.timeline(query)))
        #expect(page.rows.map(\.stored) == query.matching(wall.rows).filter { $0.position != 2 }.map(\.stored))
    }

    private func indexed(_ store: SQLiteStore) async throws -> Bool {
        let query = Query.Timeline(search: try SearchQuery("wall"), limit: 500)
        return await store.page(.timeline(query))?.rows == query.matching(wall.rows)
    }

    @Test func storeWhoseIndexIsFoldedOtherwise_isIndexedAnew() async throws {
        let path = try older(
            6,
            """
            DROP TABLE words;
            CREATE VIRTUAL TABLE words USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii');
            INSERT INTO words (rowid, text) SELECT position, 'WALL' FROM messages;
            """)
        var told: [Int64] = []
        let opened = try SQLiteStore.open(
            path: path, channels: WallOfWords.channels, progress: { done, _ in told.append(done) })
        defer { opened.close() }
        #expect(told.last == 500)
        #expect(try await indexed(opened))
    }

    @Test func indexingThatWasInterrupted_goesOnWhereItWas() async throws {
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TABLE words;
                    CREATE VIRTUAL TABLE words USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii');
                    UPDATE store SET indexed_to = 300;
                    """)
            let index = try WordIndex(db)
            for row in wall.rows.prefix(300) {
                try index.add(SearchWords.indexed(row.stored.message.text), at: Int64(row.position))
            }
        }
        store.close()
        let opened = try Fixture.store(in: directory)
        defer { opened.close() }
        #expect(try await indexed(opened))
        let places = try await opened.pool.read { db in
            try Int64.fetchOne(db, sql: "SELECT count(*) FROM store WHERE indexed_to IS NULL")
        }
        #expect(places == 1)
    }
}
