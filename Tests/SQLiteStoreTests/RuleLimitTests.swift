import Bus
import GRDB
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// A store that has all the rules that it takes.
@Suite struct RuleLimitTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func fill(to count: Int) throws {
        try store.writing { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
                    INSERT INTO rules (kind, subject, active, at, reason) SELECT 1, randomblob(32), 1, 1, '' FROM numbers
                    """, arguments: [count])
        }
    }

    private static func known(_ key: PublicKey, _ isActive: Bool = true, at: Int64 = 0) -> Rule {
        Rule(subject: .known(key), isActive: isActive, at: at)
    }

    @Test func fullStore_passesOverWhoIsKnownElsewhere_andTakesTheOtherRules() throws {
        let (old, new) = (Fixture.author.publicKey, Fixture.secondAuthor.publicKey)
        _ = try store.set(Self.known(old))
        try fill(to: StoreLimits.knownAuthors)
        let block = Rule(subject: .key(new), isActive: true, at: 1)
        #expect(try store.adopt([Self.known(new), block]) == [block])
        #expect(throws: StoreError.self) { try store.set(Self.known(new)) }
        // What is said of somebody anew needs no room.
        #expect(try store.adopt([Self.known(old, false, at: 1)]).count == 1)
        _ = try store.set(Self.known(old, at: 2))
        store.close()
    }

    @Test func fullStore_takesWordsAboutItsSubjects_andNoNewOnes() throws {
        let (hidden, other) = (try Fixture.message("hidden").id, try Fixture.message("other").id)
        _ = try store.set(Rule(subject: .message(hidden), isActive: true, at: 1))
        try fill(to: StoreLimits.rules)
        _ = try store.set(Rule(subject: .message(hidden), isActive: false, at: 2))
        let error = #expect(throws: StoreError.self) {
            try store.set(Rule(subject: .message(other), isActive: true, at: 3))
        }
        #expect(error?.message.contains("100000 rules") == true)
        store.close()
    }
}
