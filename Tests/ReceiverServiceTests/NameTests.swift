import Bus
import Foundation
import GRDB
import Messages
import TestSupport
import Testing

@testable import ReceiverService

/// What a store calls authors.
@Suite struct NameTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    /// - Parameter name: what the message says of its author's name.
    private func message(
        _ text: String, name: String?, at: Int64 = Fixture.now, by identity: Identity = Fixture.author
    ) throws -> SignedMessage {
        try identity.sign(text, channel: .tweets, at: at, extra: name.map { ["+name": $0] } ?? [:])
    }

    private func names(_ query: Query = .timeline(.init(limit: 500)), of store: SQLiteStore? = nil) async -> [String?] {
        await (store ?? self.store).page(query)?.rows.map { $0.author.shown?.text } ?? []
    }

    @Test func newestClaim_isTheNameOfEveryMessage_inWhateverOrderTheyCome() async throws {
        let messages = [
            try message("first", name: "Ada", at: Fixture.now),
            try message("last", name: "Countess", at: Fixture.now + 9),
            try message("between", name: "Byron", at: Fixture.now + 5),
            try message("after", name: nil, at: Fixture.now + 20),
        ]
        let committed = try store.commit(messages)
        #expect(committed.rows.map { $0.author.shown?.text } == ["Ada", "Countess", "Countess", "Countess"])
        try store.commit([try message("somebody else", name: nil, at: Fixture.now - 1, by: Fixture.secondAuthor)])
        let expected: [String?] = ["Countess", "Countess", "Countess", "Countess", nil]
        #expect(await names() == expected)
        #expect(await names(.after(position: 0, limit: 500)) == expected)
        #expect(await names(.timeline(.init(author: Fixture.author.publicKey, limit: 1))) == ["Countess"])
        #expect(await names(.message(messages[0].id)) == ["Countess"])
        let search = Query.timeline(.init(search: try SearchQuery("between"), limit: 9))
        #expect(await names(search) == ["Countess"])
        store.close()
    }

    @Test func claimThatIsTakenBackHiddenOrDropped_givesWayToTheOneBefore() async throws {
        let old = try message("old", name: "Ada", at: Fixture.now)
        let new = try message("new", name: "Countess", at: Fixture.now + 1)
        try store.commit([old, new])
        _ = try store.set(Rule(subject: .message(new.id), isActive: true, at: 1))
        #expect(await names() == ["Ada"])
        _ = try store.set(Rule(subject: .message(new.id), isActive: false, at: 2))
        #expect(await names() == ["Countess", "Countess"])
        try store.commit([try message("none", name: "", at: Fixture.now + 2)])
        #expect(await names() == [nil, nil, nil])
        store.close()
    }

    @Test func claimThatIsNoName_countsAsNone() async throws {
        try store.commit([
            try message("good", name: "Ada"), try message("bad", name: "a\u{202E}b", at: Fixture.now + 1),
        ])
        #expect(await names() == ["Ada", "Ada"])
        store.close()
    }

    @Test func pinnedName_standsAboveTheClaim_untilItIsTakenBack() async throws {
        let key = Fixture.author.publicKey
        let pin = Rule(calling: key, try DisplayName("my friend"), at: 5)
        #expect(try store.set(pin) == 0, "before anything came of that key")
        try store.commit([
            try message("hello", name: "Ada"), try message("hi", name: "Ada", at: 1, by: Fixture.secondAuthor),
        ])
        let row = try #require(await store.page(.timeline(.init(limit: 1)))?.rows.first)
        #expect(row.author == AuthorName(claimed: try DisplayName("Ada"), pinned: try DisplayName("my friend")))
        #expect(await names() == ["my friend", "Ada"])

        let position = try store.position()
        _ = try store.set(Rule(calling: key, try DisplayName("my foe"), at: 6))
        #expect(try store.position() > position, "pages that are remembered by the position are out of date")
        #expect(await names() == ["my foe", "Ada"])
        _ = try store.set(pin)
        #expect(await names() == ["my foe", "Ada"], "the newest word counts")
        _ = try store.set(Rule(subject: .name(of: key), isActive: false, at: 7))
        #expect(await names() == ["Ada", "Ada"])
        store.close()
    }

    @Test func blockedKeyWithAPinnedName_isBlockedAllTheSame() async throws {
        let key = Fixture.author.publicKey
        try store.commit([try message("hello", name: nil)])
        _ = try store.set(Rule(calling: key, try DisplayName("my foe"), at: 5))
        #expect(try store.set(Rule(subject: .key(key), isActive: true, at: 6)) == 1)
        #expect(await names() == [])
        _ = try store.set(Rule(subject: .name(of: key), isActive: false, at: 7))
        try store.finishRules()
        #expect(await names() == [])
        store.close()
    }

    @Test func olderStore_learnsTheClaimsThatItHas_andKeepsItsRules() async throws {
        let hidden = try message("hidden", name: "Nobody", at: Fixture.now + 7)
        try store.commit([
            try message("hello", name: "Ada"),
            try message("mentions +name in its text", name: nil, at: Fixture.now + 1), hidden,
        ])
        _ = try store.set(Rule(subject: .message(hidden.id), isActive: true, at: 1))
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TABLE early;
                    ALTER TABLE store DROP COLUMN believed_at;
                    ALTER TABLE store DROP COLUMN indexed_to;
                    DROP INDEX messages_with_name;
                    ALTER TABLE messages DROP COLUMN name;
                    DELETE FROM grdb_migrations WHERE identifier >= '5';
                    DROP TABLE names;
                    DROP INDEX rules_by_likeness;
                    ALTER TABLE rules DROP COLUMN likeness;
                    PRAGMA user_version = 4;
                    """)
        }
        store.close()
        let opened = try Fixture.store(in: directory)
        defer { opened.close() }
        #expect(await names(of: opened) == ["Ada", "Ada"])
        let rules = try opened.rules(.hiddenMessage, after: nil, limit: 9).0
        #expect(rules.map(\.subject) == [.message(hidden.id)])
    }

    /// The newest claim is the end of a range, however many an author has made.
    @Test func page_readsNamesFromTheirIndex() async throws {
        let plan = try await store.pool.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + SQLiteStore.afterSQL, arguments: [0, 50])
                .map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("SEARCH n USING INDEX messages_with_name (author=?)") }, "\(plan)")
        #expect(plan.contains { $0.contains("SEARCH rules USING PRIMARY KEY") }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        store.close()
    }

    // MARK: one name, two authors

    /// Whose name each author's is said to be, newest message first.
    private func namesakes(of store: SQLiteStore? = nil) async -> [PublicKey?] {
        await (store ?? self.store).page(.timeline(.init(limit: 9)))?.rows.map(\.author.namesake) ?? []
    }

    private let first = Fixture.author
    private let second = Fixture.secondAuthor

    @Test(arguments: ["Ada", "ADA", "Adá", "Ａｄａ", "Аdа", "A d a", "Ad-a", "ada."])
    func laterAuthorOfAName_isMarked_howeverItIsWritten(_ name: String) async throws {
        try store.commit([try message("first", name: "Ada")])
        // Whose clock says it was earlier came later all the same.
        let committed = try store.commit([try message("second", name: name, at: Fixture.now - 5, by: second)])
        #expect(committed.rows.map(\.author.namesake) == [first.publicKey])
        #expect(await namesakes() == [nil, first.publicKey])
        store.close()
        let opened = try Fixture.store(in: directory)
        #expect(await namesakes(of: opened) == [nil, first.publicKey])
        opened.close()
    }

    @Test(arguments: ["Adam", "Eda", "Ada 2", "小林"])
    func anotherName_isNotMarked(_ name: String) async throws {
        try store.commit([try message("first", name: "Ada"), try message("second", name: name, by: second)])
        #expect(await namesakes() == [nil, nil])
        store.close()
    }

    @Test func nameThatWasGivenUpOrHidden_isNobodys() async throws {
        let claim = try message("first", name: "Ada")
        try store.commit([claim, try message("second", name: "ada", at: 1, by: second)])
        #expect(await namesakes() == [nil, first.publicKey])
        _ = try store.set(Rule(subject: .key(first.publicKey), isActive: true, at: 1))
        #expect(await namesakes() == [nil])
        _ = try store.set(Rule(subject: .key(first.publicKey), isActive: false, at: 2))
        #expect(await namesakes() == [nil, first.publicKey])
        try store.commit([try message("third", name: "Countess", at: Fixture.now + 1)])
        #expect(await namesakes() == [nil, nil, nil])
        // Who had it first has it still, when it is taken up again.
        try store.commit([try message("fourth", name: "Ada", at: Fixture.now + 2)])
        #expect(await namesakes() == [nil, nil, nil, first.publicKey])
        store.close()
    }

    @Test func nameOfWhomTheOperatorNamedSo_isThatAuthors() async throws {
        try store.commit([
            try message("first", name: "Ada"), try message("second", name: nil, at: 1, by: second),
        ])
        _ = try store.set(Rule(calling: second.publicKey, try DisplayName("ada"), at: 5))
        #expect(await namesakes() == [second.publicKey, nil])
        _ = try store.set(Rule(subject: .name(of: second.publicKey), isActive: false, at: 6))
        #expect(await namesakes() == [nil, nil])
        store.close()
    }

    @Test func whoHadANameFirst_isRemembered_whenTheMessagesWereDropped() async throws {
        try store.commit([try message("first", name: "Ada", at: Fixture.now - 9_000_000)])
        try store.commit([
            try message("second", name: "Ada", by: second), try message("third", name: "Ada", at: Fixture.now - 1),
        ])
        _ = try store.prune(Retention(["1h"]), now: Fixture.now)
        #expect(await namesakes() == [first.publicKey, nil])
        store.close()
    }

    @Test func authorWhoChangesNamesAllTheTime_takesNoMoreRoom() async throws {
        try store.commit(try (0..<40).map { try message("\($0)", name: "Name \($0)", at: Fixture.now + Int64($0)) })
        let count = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM names") }
        #expect(count == Limits.namesOfAuthor)
        store.close()
    }

    @Test func namesakes_areReadFromTheirIndexes() async throws {
        for sql in [NameReader.earlierSQL, NameReader.pinnedSQL] {
            let plan = try await store.pool.read { db in
                try Row.fetchAll(
                    db, sql: "EXPLAIN QUERY PLAN " + sql,
                    arguments: sql == NameReader.pinnedSQL ? ["a", Data()] : ["a", 1, 8]
                )
                .map { $0["detail"] as String }
            }
            #expect(!plan.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        }
        store.close()
    }
}
