import Bus
import Foundation
import GRDB
import Messages
import TestSupport
import Testing

@testable import ReceiverService

/// Pages of the store against a model that filters and sorts all of its messages anew for every question.
@Suite struct StorePagingTests {
    let directory: TemporaryDirectory
    let store: SQLiteStore
    let rows: [Bus.Row]

    static let channels = [Channel.tweets, (try? Channel("second")) ?? .tweets, (try? Channel("third")) ?? .tweets]
    static let authors = (0..<4).map { _ in Identity.generate(.ed25519) }

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory, channels: Array(Self.channels.prefix(2)))
        var random = SeededRandom(seed: 11)
        var batch: [Incoming] = []
        for number in 0..<600 {
            // Few distinct times, so that the id decides often.
            let message = try Fixture.message(
                "\(number)", at: Fixture.now + .random(in: 0..<40, using: &random),
                by: number % 50 == 0 ? Fixture.legacyAuthor : Self.authors[Int.random(in: 0..<4, using: &random)],
                channel: Self.channels[Int.random(in: 0..<3, using: &random)])
            batch.append(Incoming(message: message, receivedAt: Fixture.now + .random(in: 0..<60, using: &random)))
        }
        rows = try store.commit(batch).rows
    }

    private func model(_ query: Query.Timeline) -> (rows: [Bus.Row], more: Bool) {
        let matching = rows.filter { row in
            let message = row.stored.message
            return (query.before.map { row.stored.cursor < $0 } ?? true)
                && (query.since.map { row.stored.sortTime >= $0 } ?? true)
                && (query.end.map { message.end == $0 } ?? true) && (query.author.map { message.key == $0 } ?? true)
        }.sorted { $0.stored.cursor > $1.stored.cursor }
        let limit = min(max(Int(query.limit), 1), BusLimits.pageRows)
        return (Array(matching.prefix(limit)), matching.count > limit)
    }

    private func randomQuery(_ random: inout SeededRandom) throws -> Query.Timeline {
        var query = Query.Timeline(limit: [0, 1, 2, 7, 50, 500, 4_000].randomElement(using: &random) ?? 50)
        if .random(using: &random) { query.before = rows.randomElement(using: &random)?.stored.cursor }
        if .random(using: &random) { query.since = Fixture.now + .random(in: -5..<70, using: &random) }
        if .random(using: &random) {
            query.end = try (Self.channels + [Channel("unknown")]).randomElement(using: &random)?.end
        }
        if .random(using: &random) {
            query.author =
                (Self.authors + [Fixture.legacyAuthor, Fixture.author]).randomElement(using: &random)?.publicKey
        }
        return query
    }

    @Test func pages_agreeWithTheModel() async throws {
        var random = SeededRandom(seed: 12)
        for _ in 0..<400 {
            let query = try randomQuery(&random)
            let page = try #require(await store.page(.timeline(query)))
            let expected = model(query)
            try #require(page.rows == expected.rows, "\(query)")
            try #require(page.more == expected.more, "\(query)")
        }
    }

    @Test(arguments: [1, 7, 100])
    func pages_fromCursorToCursor_areTheWholeTimeline(limit: UInt32) async throws {
        var query = Query.Timeline(limit: limit)
        var seen: [Bus.Row] = []
        while true {
            let page = try #require(await store.page(.timeline(query)))
            seen += page.rows
            guard page.more else { break }
            query.before = page.rows.last?.stored.cursor
        }
        #expect(seen == rows.sorted { $0.stored.cursor > $1.stored.cursor })
    }

    @Test func after_givesWhatCameLaterInTheOrderOfCommits() async throws {
        let page = try #require(await store.page(.after(position: 590, limit: 5)))
        #expect(page.rows == Array(rows[590..<595]))
        #expect(page.more)
        let last = try #require(await store.page(.after(position: 595, limit: 5)))
        #expect(last.rows == Array(rows[595...]))
        #expect(!last.more)
        #expect(await store.page(.after(position: .max, limit: 5))?.rows.isEmpty == true)
    }

    @Test func message_whenThereIsNone_isAnEmptyPage() async throws {
        let page = try #require(await store.page(.message(Fixture.message("nowhere").id)))
        #expect(page.rows.isEmpty)
        #expect(!page.more)
    }

    @Test func answer_saysWhoseItIsAndWhereTheStoreStands() async throws {
        let answer = await store.answer(.timeline(Query.Timeline(limit: 1)))
        #expect(answer.store == store.id)
        #expect(answer.position == 600)
    }

    @Test func aRowThatCannotBeRead_costsItselfOnly() async throws {
        try await store.pool.write { try $0.execute(sql: "UPDATE messages SET message = x'00' WHERE position = 300") }
        let page = try #require(await store.page(.after(position: 298, limit: 3)))
        #expect(page.rows == [rows[298], rows[300]])
        #expect(page.more)
    }

    // MARK: - Plans

    @Test func everyPageIsARangeOfOneIndex() async throws {
        for query in try Self.filters() {
            let page = Timeline(query, rows: 51)
            try await expectRange(page.sql, page.arguments)
        }
        try await expectRange(SQLiteStore.afterSQL, [0, 51])
        try await expectRange(SQLiteStore.messageSQL, [Fixture.message("x").id.bytes.withUnsafeBytes { Data($0) }])
    }

    private static func filters() throws -> [Query.Timeline] {
        let cursor = Messages.Cursor(time: Fixture.now, id: try Fixture.message("x").id)
        let ends: [EndHash?] = [nil, Channel.tweets.end]
        let authors: [PublicKey?] = [nil, Fixture.author.publicKey]
        let befores: [Messages.Cursor?] = [nil, cursor]
        return ends.flatMap { end in
            authors.flatMap { author in
                befores.map { Query.Timeline(before: $0, since: 1, end: end, author: author, limit: 50) }
            }
        }
    }

    private func expectRange(_ sql: String, _ arguments: StatementArguments) async throws {
        let plan = try await store.pool.read { db in
            try GRDB.Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map {
                $0["detail"] as String
            }
        }
        #expect(plan.contains { $0.hasPrefix("SEARCH m ") }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
    }
}
