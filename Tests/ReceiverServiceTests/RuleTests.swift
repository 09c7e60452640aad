import Bus
import Foundation
import GRDB
import Messages
import TestSupport
import Testing

@testable import ReceiverService

/// What an operator hides and blocks.
@Suite struct RuleTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func hide(_ message: SignedMessage, _ isActive: Bool = true, at: Int64 = 1) throws -> Int {
        try store.set(Rule(subject: .message(message.id), isActive: isActive, at: at, reason: "because"))
    }

    private func block(_ key: PublicKey, _ isActive: Bool = true, at: Int64 = 1) throws -> Int {
        try store.set(Rule(subject: .key(key), isActive: isActive, at: at))
    }

    private func shown(_ query: Query = .timeline(.init(limit: 500))) async -> Set<MessageID> {
        Set(await store.page(query)?.rows.map(\.stored.message.id) ?? [])
    }

    /// Every way by which readers get at messages shows the same.
    private func expectShown(_ expected: Set<MessageID>) async throws {
        #expect(await shown() == expected)
        #expect(await shown(.after(position: 0, limit: 500)) == expected)
        #expect(await shown(.timeline(.init(end: Channel.tweets.end, limit: 500))) == expected)
        for id in expected { #expect(await shown(.message(id)) == [id]) }
    }

    @Test func hiddenMessage_isShownNowhere_untilItIsTakenBack() async throws {
        let messages = try Fixture.messages(3)
        try store.commit(messages)
        let before = try store.position()
        #expect(try hide(messages[1]) == 1)
        try await expectShown([messages[0].id, messages[2].id])
        #expect(await store.answer(.message(messages[1].id)).body == .refused(.hidden))
        #expect(await store.summary()?.hidden == 1)
        #expect(try store.position() > before, "pages that are remembered by the position are out of date")

        #expect(try hide(messages[1], false, at: 2) == 1)
        try await expectShown(Set(messages.map(\.id)))
        #expect(await store.summary()?.hidden == 0)
        store.close()
    }

    @Test func messageThatIsHiddenBeforeItComes_isStoredAndNotShownNorAnnounced() async throws {
        let message = try Fixture.message("later")
        #expect(try hide(message) == 0)
        let committed = try store.commit([Incoming(message: message, receivedAt: Fixture.now)])
        #expect(committed.outcomes == [.stored])
        #expect(committed.rows.isEmpty)
        try await expectShown([])
        #expect(await store.summary()?.messages == 1)
        store.close()
    }

    @Test func blockedKey_isHiddenAndRefused_untilItIsTakenBack() async throws {
        // More than one transaction's worth.
        let theirs = try Fixture.messages(Limits.houseBatch + 20)
        let other = try Fixture.message("somebody else", by: Fixture.secondAuthor)
        try store.commit(theirs + [other])
        #expect(try block(Fixture.author.publicKey) == theirs.count)
        try await expectShown([other.id])
        let more = try Fixture.message("more")
        let refused = try store.commit([Incoming(message: more, receivedAt: Fixture.now)])
        #expect(refused.outcomes == [.refused(.keyBlocked)])

        #expect(try block(Fixture.author.publicKey, false, at: 2) == theirs.count)
        #expect(await store.summary()?.hidden == 0)
        #expect(try store.commit([Incoming(message: more, receivedAt: Fixture.now)]).outcomes == [.stored])
        store.close()
    }

    @Test func messageThatIsHiddenAndOfABlockedKey_needsBothTakenBack() async throws {
        let messages = try Fixture.messages(2)
        try store.commit(messages)
        _ = try hide(messages[0])
        _ = try block(Fixture.author.publicKey)
        _ = try hide(messages[0], false, at: 2)
        try await expectShown([])
        _ = try block(Fixture.author.publicKey, false, at: 2)
        try await expectShown(Set(messages.map(\.id)))

        _ = try hide(messages[0], at: 3)
        _ = try block(Fixture.author.publicKey, at: 3)
        _ = try block(Fixture.author.publicKey, false, at: 4)
        try await expectShown([messages[1].id])
        store.close()
    }

    @Test func olderWord_isNoNews() async throws {
        let message = try Fixture.message("m")
        try store.commit([message])
        #expect(try hide(message, at: 5) == 1)
        #expect(try hide(message, false, at: 4) == 0)
        try await expectShown([])
        let (rules, more) = try store.rules(.hiddenMessage, after: nil, limit: 10)
        #expect(rules == [Rule(subject: .message(message.id), isActive: true, at: 5, reason: "because")])
        #expect(!more)
        store.close()
    }

    @Test func blockThatWasInterrupted_isFinishedLater() async throws {
        let messages = try Fixture.messages(5)
        try store.commit(messages)
        _ = try block(Fixture.author.publicKey)
        // As a crash between two transactions leaves it.
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE messages SET hidden = 0 WHERE position > 2; UPDATE store SET hidden = 2")
        }
        #expect(await shown().count == 3)
        try store.finishRules()
        try await expectShown([])
        #expect(await store.summary()?.hidden == 5)
        store.close()
    }

    @Test func rules_arePaged() throws {
        let messages = try Fixture.messages(5)
        for message in messages { _ = try hide(message) }
        var found: [MessageID] = []
        var last: [UInt8]?
        var isMore = true
        while isMore {
            let (rules, more) = try store.rules(.hiddenMessage, after: last, limit: 2)
            for rule in rules { if case .message(let id) = rule.subject { found.append(id) } }
            last = rules.last?.subjectBytes
            isMore = more
        }
        #expect(found == messages.map(\.id).sorted())
        store.close()
    }
}
