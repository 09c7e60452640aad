import Bus
import Foundation
import GRDB
import Messages
import TestSupport
import Testing
import TextSearch

@testable import ReceiverService

/// Searches of the store against a model that looks through all texts.
@Suite struct StoreSearchTests {
    let directory: TemporaryDirectory
    let store: SQLiteStore
    let rows: [Bus.Row]

    static let garden = (try? Channel("garden")) ?? .tweets
    static let authors = (0..<3).map { _ in Identity.generate(.ed25519) }
    /// The first ones are in many messages, the last ones in few.
    static let words = [
        "the", "wall", "Wall", "café", "cafe", "日本", "🎉", "red", "cat", "signed", "signature", "NOT", "सेब",
    ]

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory, channels: [.tweets, Self.garden])
        var random = SeededRandom(seed: 21)
        var batch: [Incoming] = []
        for number in 0..<500 {
            let words = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Self.words[Int.random(in: 0..<Int.random(in: 1...Self.words.count, using: &random), using: &random)]
            }
            let message = try Fixture.message(
                words.joined(separator: number.isMultiple(of: 3) ? ", " : " ") + " \(number)",
                at: Fixture.now + .random(in: 0..<40, using: &random),
                by: Self.authors[Int.random(in: 0..<3, using: &random)],
                channel: Bool.random(using: &random) ? .tweets : Self.garden)
            batch.append(Incoming(message: message, receivedAt: Fixture.now))
        }
        rows = try store.commit(batch).rows
    }

    private func model(_ query: Query.Timeline) -> [Bus.Row] {
        rows.filter { row in
            let message = row.stored.message
            return (query.before.map { row.stored.cursor < $0 } ?? true)
                && (query.since.map { row.stored.sortTime >= $0 } ?? true)
                && (query.end.map { message.end == $0 } ?? true) && (query.author.map { message.key == $0 } ?? true)
                && (query.search.map { SearchPattern($0).holds(for: message.text) } ?? true)
        }.sorted { $0.stored.cursor > $1.stored.cursor }
    }

    private func randomQuery(_ random: inout SeededRandom) throws -> Query.Timeline {
        func word() -> String { Self.words.randomElement(using: &random) ?? "the" }
        var text = [word()]
        if .random(using: &random) { text.append(word()) }
        if .random(using: &random) { text.append("-\(word())") }
        if Int.random(in: 0..<4, using: &random) == 0 { text.append("\"\(word()) \(word())\"") }
        if Int.random(in: 0..<4, using: &random) == 0 { text.append("sig*") }
        var query = Query.Timeline(
            search: try SearchQuery(text.joined(separator: " ")),
            limit: [1, 7, 50, 500].randomElement(using: &random) ?? 50)
        if .random(using: &random) { query.before = rows.randomElement(using: &random)?.stored.cursor }
        if .random(using: &random) { query.since = Fixture.now + .random(in: -5..<45, using: &random) }
        if .random(using: &random) { query.end = [.tweets, Self.garden].randomElement(using: &random)?.end }
        if .random(using: &random) { query.author = Self.authors.randomElement(using: &random)?.publicKey }
        return query
    }

    @Test func searches_agreeWithTheModel() async throws {
        var random = SeededRandom(seed: 22)
        var found = 0
        for _ in 0..<400 {
            let query = try randomQuery(&random)
            let page = try #require(await store.page(.timeline(query)))
            let expected = model(query)
            try #require(page.rows == Array(expected.prefix(Int(query.limit))), "\(query)")
            try #require(page.more == (expected.count > Int(query.limit)), "\(query)")
            found += page.rows.count
        }
        #expect(found > 1_000)
    }

    @Test(arguments: [(0, 5), (0, 40), (0, 10_000), (3, 1), (10_000, 0)])
    func positions_areTheSameHoweverTheyAreFound(_ sorted: Int, _ walked: Int) async throws {
        var random = SeededRandom(seed: 23)
        let effort = WordSearch.Effort(sortedMatches: sorted, walkedMessages: walked)
        for _ in 0..<100 {
            let query = try randomQuery(&random)
            let search = try #require(query.search)
            let found = try await store.pool.read { db in
                try WordSearch(search, within: query, effort: effort, in: db).positions(limit: Int(query.limit))
            }
            let expected = model(query).prefix(Int(query.limit)).map { Int64($0.position) }
            try #require(found == Array(expected), "\(query)")
        }
    }

    @Test func pages_fromCursorToCursor_areAllThatMatch() async throws {
        var query = Query.Timeline(search: try SearchQuery("wall"), limit: 7)
        var seen: [Bus.Row] = []
        while true {
            let page = try #require(await store.page(.timeline(query)))
            seen += page.rows
            guard page.more else { break }
            query.before = page.rows.last?.stored.cursor
        }
        query.before = nil
        #expect(seen == model(query))
        #expect(seen.count > 50)
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

    @Test func whatIsHidden_isNotFound_untilItIsShownAgain() async throws {
        let message = try Fixture.message("a quokka")
        try store.commit([message])
        let query = Query.timeline(.init(search: try SearchQuery("quokka"), limit: 5))
        #expect(await store.page(query)?.rows.map(\.stored.message) == [message])
        _ = try store.set(Rule(subject: .message(message.id), isActive: true, at: 1, reason: ""))
        #expect(await store.page(query)?.rows.isEmpty == true)
        _ = try store.set(Rule(subject: .message(message.id), isActive: false, at: 2, reason: ""))
        #expect(await store.page(query)?.rows.count == 1)
    }

    @Test func whatIsDropped_leavesTheIndex() async throws {
        let day: Int64 = 86_400_000
        _ = try store.prune(Retention(["30d"]), now: Fixture.now + 31 * day)
        #expect(await store.summary()?.messages == 0)
        let left = try await store.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM words WHERE words MATCH 'wall OR the OR cafe OR red'")
        }
        #expect(left == 0)
    }

    @Test func anOlderStore_isIndexedWhenItIsOpened() async throws {
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TABLE words;
                    DROP TABLE early;
                    ALTER TABLE store DROP COLUMN believed_at;
                    ALTER TABLE store DROP COLUMN indexed_to;
                    DROP INDEX messages_with_name;
                    ALTER TABLE messages DROP COLUMN name;
                    DROP TABLE names;
                    DELETE FROM grdb_migrations WHERE identifier >= '4';
                    PRAGMA user_version = 3;
                    UPDATE messages SET message = x'00' WHERE position = 2;
                    """)
        }
        store.close()
        let opened = try Fixture.store(in: directory)
        defer { opened.close() }
        let query = Query.Timeline(search: try SearchQuery("wall"), limit: 500)
        let page = try #require(await opened.page(.timeline(query)))
        #expect(page.rows == model(query).filter { $0.position != 2 })
    }

    private func indexed(_ store: SQLiteStore) async throws -> Bool {
        let query = Query.Timeline(search: try SearchQuery("wall"), limit: 500)
        return await store.page(.timeline(query))?.rows == model(query)
    }

    @Test func storeWhoseIndexIsFoldedOtherwise_isIndexedAnew() async throws {
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TABLE words;
                    CREATE VIRTUAL TABLE words USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii');
                    INSERT INTO words (rowid, text) SELECT position, 'WALL' FROM messages;
                    ALTER TABLE store DROP COLUMN indexed_to;
                    DROP TABLE names;
                    DROP INDEX rules_by_likeness;
                    ALTER TABLE rules DROP COLUMN likeness;
                    DELETE FROM grdb_migrations WHERE identifier >= '7';
                    PRAGMA user_version = 6;
                    """)
        }
        store.close()
        var told: [Int64] = []
        let opened = try SQLiteStore.open(
            path: store.path, channels: [.tweets, Self.garden], progress: { done, _ in told.append(done) },
            makeID: { Fixture.storeID() })
        defer { opened.close() }
        #expect(told == [500])
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
            for row in rows.prefix(300) { try index.add(row.stored.message, at: Int64(row.position)) }
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

    @Test(arguments: [
        "\"", "a\" OR \"b", "words:the", "the NEAR wall", "col : x", "(((", "x^2", "a*b", "'; DROP TABLE words",
        "\u{0}the",
    ])
    func searchesWithSyntaxInThem_areWordsOnly(_ text: String) async throws {
        guard let search = try? SearchQuery(text) else { return }
        let query = Query.Timeline(search: search, limit: 500)
        #expect(await store.page(.timeline(query))?.rows == model(query))
    }
}
