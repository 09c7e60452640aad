import Bus
import Messages
import ReceiverStore
import Testing
import TextSearch

extension ConformanceTest {
    /// Pages against a model that filters and sorts all messages anew for every question.
    static let pages = tests { test in
        test("pages_agreeWithTheModel") { stores in
            let wall = try PagedWall(stores)
            var random = SeededRandom(seed: 12)
            for _ in 0..<400 {
                let query = try wall.randomQuery(&random)
                let page = try #require(await wall.store.page(.timeline(query)))
                let expected = wall.model(query)
                try #require(page.rows == expected.rows, "\(query)")
                try #require(page.more == expected.more, "\(query)")
            }
        }

        for limit: UInt32 in [1, 7, 100] {
            test("pages_of\(limit)_fromCursorToCursor_areTheWholeTimeline") { stores in
                let wall = try PagedWall(stores)
                let seen = try await wall.all(Query.Timeline(limit: limit))
                #expect(seen == wall.rows.sorted { $0.stored.cursor > $1.stored.cursor })
            }

            test("pages_of\(limit)_fromPositionToPosition_areAllCommits") { stores in
                let wall = try PagedWall(stores)
                var seen: [Row] = []
                while true {
                    let query = Query.after(position: seen.last?.position ?? 0, limit: limit)
                    let page = try #require(await wall.store.page(query))
                    seen += page.rows
                    guard page.more else { break }
                    try #require(seen.count <= wall.rows.count)
                }
                #expect(seen == wall.rows)
            }
        }

        test("after_givesWhatCameLaterInTheOrderOfCommits") { stores in
            let wall = try PagedWall(stores)
            let page = try #require(await wall.store.page(.after(position: 590, limit: 5)))
            #expect(page.rows == Array(wall.rows[590..<595]))
            #expect(page.more)
            let last = try #require(await wall.store.page(.after(position: 595, limit: 5)))
            #expect(last.rows == Array(wall.rows[595...]))
            #expect(!last.more)
            #expect(await wall.store.page(.after(position: .max, limit: 5))?.rows.isEmpty == true)
        }

        // Page after page brings them all, however few fit into one answer.
        test("longMessages_areCutIntoAnswersThatFit") { stores in
            let store = try stores.open()
            let messages = try (0..<400).map {
                try Fixture.message("\($0) " + String(repeating: "x", count: 850), at: Fixture.now + $0)
            }
            let rows = try store.commit(messages).rows
            let first = try #require(await store.page(.after(position: 0, limit: 500)))
            #expect(first.more)
            #expect(first.rows == Array(rows.prefix(first.rows.count)))
            let bytes = first.rows.reduce(0) { $0 + $1.stored.message.encoded().count }
            #expect(bytes <= StoreLimits.answerBytes)
            #expect(bytes > StoreLimits.answerBytes - MessageLimits.encodedBytes)
            let last = try #require(first.rows.last)
            let second = try #require(await store.page(.after(position: last.position, limit: 500)))
            #expect(first.rows + second.rows == rows)
            #expect(!second.more)
        }

        test("message_isFoundByItsID") { stores in
            let wall = try PagedWall(stores)
            for row in [wall.rows[0], wall.rows[300], wall.rows[599]] {
                let page = try #require(await wall.store.page(.message(row.stored.message.id)))
                #expect(page.rows == [row])
                #expect(!page.more)
            }
            let page = try #require(await wall.store.page(.message(Fixture.message("nowhere").id)))
            #expect(page.rows.isEmpty)
        }

        test("answer_saysWhoseItIsAndWhereTheStoreStands") { stores in
            let store = try stores.open()
            try store.commit(Fixture.messages(6))
            let answer = await store.answer(.timeline(Query.Timeline(limit: 1)))
            #expect(answer.store == store.id)
            #expect(answer.position == 6)
        }
    }
}

/// A store with 600 messages of some authors in some channels.
private struct PagedWall {
    let store: any Store
    /// In the order of commits.
    let rows: [Row]
    private let channels: [Channel]
    private let authors = (0..<4).map { _ in Identity.generate(.ed25519) }

    init(_ stores: Stores) throws {
        channels = [.tweets, try Channel("second"), try Channel("third")]
        store = try stores.open(channels: Array(channels.prefix(2)))
        var random = SeededRandom(seed: 11)
        var batch: [Incoming] = []
        for number in 0..<600 {
            // Few distinct times, so that the id decides often.
            let message = try Fixture.message(
                "\(number)", at: Fixture.now + .random(in: 0..<40, using: &random),
                by: number % 50 == 0 ? Fixture.legacyAuthor : authors[Int.random(in: 0..<4, using: &random)],
                channel: channels[Int.random(in: 0..<3, using: &random)])
            batch.append(Incoming(message: message, receivedAt: Fixture.now + .random(in: 0..<60, using: &random)))
        }
        rows = try store.commit(batch).rows
    }

    func model(_ query: Query.Timeline) -> (rows: [Row], more: Bool) {
        let matching = query.matching(rows)
        let limit = min(max(Int(query.limit), 1), BusLimits.pageRows)
        return (Array(matching.prefix(limit)), matching.count > limit)
    }

    func randomQuery(_ random: inout SeededRandom) throws -> Query.Timeline {
        var query = Query.Timeline(limit: [0, 1, 2, 7, 50, 500, 4_000].randomElement(using: &random) ?? 50)
        if .random(using: &random) { query.before = rows.randomElement(using: &random)?.stored.cursor }
        if .random(using: &random) { query.since = Fixture.now + .random(in: -5..<70, using: &random) }
        if .random(using: &random) {
            query.end = try (channels + [Channel("unknown")]).randomElement(using: &random)?.end
        }
        if .random(using: &random) {
            query.author = (authors + [Fixture.legacyAuthor, Fixture.author]).randomElement(using: &random)?.publicKey
        }
        return query
    }

    func all(_ query: Query.Timeline) async throws -> [Row] { try await store.all(query) }
}

extension Query.Timeline {
    /// What a page of all these rows would be without a limit.
    package func matching(_ rows: [Row]) -> [Row] {
        rows.filter { row in
            let message = row.stored.message
            return (before.map { row.stored.cursor < $0 } ?? true) && (since.map { row.stored.sortTime >= $0 } ?? true)
                && (end.map { message.end == $0 } ?? true) && (author.map { message.key == $0 } ?? true)
                && (search.map { SearchPattern($0).holds(for: message.text) } ?? true)
        }.sorted { $0.stored.cursor > $1.stored.cursor }
    }
}

extension Store {
    /// All pages, from cursor to cursor.
    func all(_ query: Query.Timeline) async throws -> [Row] {
        var query = query
        var seen: [Row] = []
        while true {
            let page = try #require(await page(.timeline(query)))
            seen += page.rows
            guard page.more else { return seen }
            let last = try #require(page.rows.last?.stored.cursor)
            try #require(query.before.map { last < $0 } ?? true, "each page goes on behind the one before")
            query.before = last
        }
    }
}
