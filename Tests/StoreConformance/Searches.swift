import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    /// Searches, against a model that looks through all texts, and against what people mean.
    static let searches = tests { test in
        test("searches_agreeWithTheModel") { stores in
            let store = try stores.open(channels: WallOfWords.channels)
            let wall = try WallOfWords(store)
            var random = SeededRandom(seed: 22)
            var found = 0
            for _ in 0..<400 {
                let query = try wall.randomQuery(&random)
                let page = try #require(await store.page(.timeline(query)))
                let expected = query.matching(wall.rows)
                try #require(page.rows == Array(expected.prefix(Int(query.limit))), "\(query)")
                try #require(page.more == (expected.count > Int(query.limit)), "\(query)")
                found += page.rows.count
            }
            #expect(found > 1_000)
        }

        test("searches_fromCursorToCursor_areAllThatMatch") { stores in
            let store = try stores.open(channels: WallOfWords.channels)
            let wall = try WallOfWords(store)
            let query = Query.Timeline(search: try SearchQuery("wall"), limit: 7)
            let seen = try await store.all(query)
            #expect(seen == query.matching(wall.rows))
            #expect(seen.count > 50)
        }

        test("words_areFoundInAnyScript_howeverTheyAreWritten") { stores in
            let store = try stores.open()
            for (number, found) in Self.found.enumerated() {
                try store.commit([Fixture.message("before \(found.text) after", at: Fixture.now + Int64(number))])
            }
            for (text, query) in Self.found {
                let page = await store.page(.timeline(.init(search: try SearchQuery(query), limit: 50)))
                let texts = page?.rows.map(\.stored.message.text) ?? []
                #expect(texts.contains("before \(text) after"), "\(query) in \(text)")
                #expect(texts.count < Self.found.count / 2, "\(query) is not everywhere")
            }
        }

        for (text, query) in [
            ("catalogue", "cat"), ("concat", "cat"), ("red black cat", #""red cat""#), ("tea", "coffee"),
        ] {
            test("\(query)_isNotIn_\(text)") { stores in
                let store = try stores.open()
                try store.commit([Fixture.message(text)])
                let page = await store.page(.timeline(.init(search: try SearchQuery(query), limit: 5)))
                #expect(page?.rows.isEmpty == true)
            }
        }

        test("searchesWithSyntaxInThem_areWordsOnly") { stores in
            let store = try stores.open(channels: WallOfWords.channels)
            let wall = try WallOfWords(store)
            for text in [
                "\"", "a\" OR \"b", "words:the", "the NEAR wall", "col : x", "(((", "x^2", "a*b",
                "'; DROP TABLE words", "\u{0}the", "the & wall", "the | wall", "!the", "the <-> wall", "the:*", "the%",
            ] {
                guard let search = try? SearchQuery(text) else { continue }
                let query = Query.Timeline(search: search, limit: 500)
                #expect(await store.page(.timeline(query))?.rows == query.matching(wall.rows), "\(text)")
            }
        }

        test("whatIsHidden_isNotFound_untilItIsShownAgain") { stores in
            let store = try stores.open()
            let message = try Fixture.message("a quokka")
            try store.commit([message, Fixture.message("another quokka", at: Fixture.now - 1)])
            let query = Query.timeline(.init(search: try SearchQuery("quokka"), limit: 5))
            #expect(await store.page(query)?.rows.count == 2)
            _ = try store.set(Rule(subject: .message(message.id), isActive: true, at: 1))
            #expect(await store.page(query)?.rows.map(\.stored.message.text) == ["another quokka"])
            _ = try store.set(Rule(subject: .message(message.id), isActive: false, at: 2))
            #expect(await store.page(query)?.rows.count == 2)
        }

        test("whatWasDropped_isNotFound") { stores in
            let store = try stores.open()
            let day: Int64 = 86_400_000
            try store.commit([
                Fixture.message("old quokka", at: Fixture.now - 31 * day), Fixture.message("new quokka"),
            ])
            #expect(try store.prune(Retention(.init(age: .seconds(30 * 86_400))), now: Fixture.now) == 1)
            let page = await store.page(.timeline(.init(search: try SearchQuery("quokka"), limit: 5)))
            #expect(page?.rows.map(\.stored.message.text) == ["new quokka"])
        }

        test("index_isThereAfterTheNextStart") { stores in
            let store = try stores.open(channels: WallOfWords.channels)
            let wall = try WallOfWords(store)
            store.close()
            let query = Query.Timeline(search: try SearchQuery("café -the"), limit: 500)
            #expect(try await stores.open().page(.timeline(query))?.rows == query.matching(wall.rows))
        }
    }

    /// What is written, and how it is looked for.
    private static let found: [(text: String, query: String)] = [
        ("Quokka", "QUOKKA"), ("café", "cafe"), ("CAFÉ", "cafe\u{301}"), ("Straße", "strasse"), ("naïve", "naive"),
        ("Ａｄａ", "ada"), ("Привет", "привет"), ("ёлка", "елка"), ("Καλημέρα", "καλημερα"), ("שלום", "שלום"),
        ("مرحبا", "مرحبا"), ("नमस्ते", "नमस्ते"), ("สวัสดี", "สวัสดี"), ("日本語", "日本"), ("ひらがな", "ひら"),
        ("안녕하세요", "안녕하세요"), ("你好世界", "世界"), ("🎉", "🎉"), ("example.org", "example.org"), ("signature", "sign*"),
        ("the red cat", #""red cat""#), ("42", "42"),
    ]
}

/// A store with 500 messages of a few words.
package struct WallOfWords: Sendable {
    package static let channels = [Channel.tweets, (try? Channel("garden")) ?? .tweets]

    package let rows: [Row]
    private let authors = (0..<3).map { _ in Identity.generate(.ed25519) }
    /// The first ones are in many messages, the last ones in few.
    private static let words = [
        "the", "wall", "Wall", "café", "cafe", "日本", "🎉", "red", "cat", "signed", "signature", "NOT", "सेब",
    ]

    package init(_ store: any Store) throws {
        var random = SeededRandom(seed: 21)
        var batch: [SignedMessage] = []
        for number in 0..<500 {
            let words = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Self.words[Int.random(in: 0..<Int.random(in: 1...Self.words.count, using: &random), using: &random)]
            }
            batch.append(
                try Fixture.message(
                    words.joined(separator: number.isMultiple(of: 3) ? ", " : " ") + " \(number)",
                    at: Fixture.now + .random(in: 0..<40, using: &random),
                    by: authors[Int.random(in: 0..<3, using: &random)],
                    channel: Self.channels[Int.random(in: 0..<2, using: &random)]))
        }
        rows = try store.commit(batch).rows
    }

    package func randomQuery(_ random: inout SeededRandom) throws -> Query.Timeline {
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
        if .random(using: &random) { query.end = Self.channels.randomElement(using: &random)?.end }
        if .random(using: &random) { query.author = authors.randomElement(using: &random)?.publicKey }
        return query
    }
}
