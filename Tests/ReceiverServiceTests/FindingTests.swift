import Bus
import Foundation
import GRDB
import Messages
import TestSupport
import Testing

@testable import ReceiverService

/// What a few digits or a name stand for, and what is in the channels.
@Suite struct FindingTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let ada = Identity.generate(.ed25519)
    private let bob = Identity.generate(.ed25519)

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func find(_ sought: Query.Sought) async -> [Candidate] {
        guard case .found(let candidates) = await store.answer(.find(sought)).body else { return [] }
        return candidates
    }

    @discardableResult
    private func write(_ text: String, by identity: Identity, at: Int64, name: String? = nil) throws -> SignedMessage {
        let message = try identity.sign(text, channel: .tweets, at: at, extra: name.map { ["+name": $0] } ?? [:])
        try store.commit([message])
        return message
    }

    private static func author(_ identity: Identity, claimed: String? = nil, pinned: String? = nil) throws -> Candidate
    {
        .author(
            identity.publicKey,
            AuthorName(claimed: try claimed.map { try DisplayName($0) }, pinned: try pinned.map { try DisplayName($0) })
        )
    }

    @Test func message_isFoundByItsFirstDigits_hiddenOrNot() async throws {
        let id = try write("one", by: ada, at: 1).id
        try write("two", by: ada, at: 2)
        for count in [6, 7, 40, 63] {
            #expect(await find(.message(prefix: String(id.hex.prefix(count)))) == [.message(id)])
        }
        _ = try store.set(Rule(subject: .message(id), isActive: true, at: 1))
        #expect(await find(.message(prefix: String(id.hex.prefix(6)))) == [.message(id)])
        let unseen = try #require(MessageID(bytes: [UInt8](repeating: 7, count: 32)))
        _ = try store.set(Rule(subject: .message(unseen), isActive: true, at: 1))
        #expect(await find(.message(prefix: "070707")) == [.message(unseen)], "hidden before it came")
        for prefix in ["", "07070", "zzzzzz", unseen.hex] { #expect(await find(.message(prefix: prefix)).isEmpty) }
    }

    @Test func author_isFoundByTheEndsOfTheKey() async throws {
        try write("one", by: ada, at: 1, name: "Ada")
        try write("two", by: bob, at: 2)
        let text = ada.publicKey.text
        let found = [try Self.author(ada, claimed: "Ada")]
        #expect(await find(.key(prefix: String(text.prefix(14)), suffix: "")) == found)
        #expect(await find(.key(prefix: String(text.prefix(14)), suffix: String(text.suffix(4)))) == found)
        #expect(await find(.key(prefix: String(text.prefix(14)), suffix: "====")).isEmpty)
        #expect(Set(await find(.key(prefix: "ed25519:", suffix: ""))).count == 2)
        let silent = Identity.generate(.ed25519)
        _ = try store.set(Rule(subject: .key(silent.publicKey), isActive: true, at: 1))
        let silentAuthor = [try Self.author(silent)]
        #expect(await find(.key(prefix: String(silent.publicKey.text.prefix(14)), suffix: "")) == silentAuthor)
    }

    @Test func author_isFoundByTheNameThatIsShownNow() async throws {
        func called(_ name: String) async throws -> [PublicKey] {
            await find(.name(try DisplayName(name))).compactMap { candidate in
                if case .author(let key, _) = candidate { key } else { nil }
            }
        }
        try write("one", by: ada, at: 1, name: "Ada")
        try write("two", by: ada, at: 2, name: "Ada")
        try write("once", by: bob, at: 3, name: "Ada")
        let both = try await called("Ada")
        #expect(both == [ada.publicKey, bob.publicKey])
        try write("not any more", by: bob, at: 4, name: "Bob")
        let one = try await called("Ada")
        #expect(one == [ada.publicKey])
        _ = try store.set(Rule(calling: bob.publicKey, try DisplayName("Ada"), at: 1))
        let pinnedFirst = try await called("Ada")
        #expect(pinnedFirst == [bob.publicKey, ada.publicKey])
        let small = try await called("ada")
        #expect(small.isEmpty, "what looks alike is another name")
    }

    /// In a store of millions each of these is a range or two of an index.
    @Test func questions_areAnsweredByIndexes() async throws {
        func plan(_ sql: String, _ arguments: StatementArguments) async throws -> [String] {
            try await store.pool.read { db in
                try GRDB.Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] }
            }
        }
        let names = try await plan(SQLiteStore.claimantsSQL, ["ada", 10])
        #expect(names.contains { $0.contains("SEARCH o USING") && $0.contains("names_by_likeness") }, "\(names)")
        let pinned = try await plan(SQLiteStore.pinnedSQL, ["ada", "Ada", 10])
        #expect(pinned.contains { $0.contains("rules_by_likeness") }, "\(pinned)")
        let newest = try await plan(SQLiteStore.channelsSQL, [10]).filter { $0.contains(" m ") }
        #expect(!newest.isEmpty)
        #expect(newest.allSatisfy { $0.contains("SEARCH m USING INDEX messages_by_channel") }, "\(newest)")
    }

    @Test func channels_haveTheirCountsAndTheTimeOfTheNewest() async throws {
        func channels() async -> [ChannelActivity] {
            guard case .channels(let channels) = await store.answer(.channels).body else { return [] }
            return channels
        }
        #expect(await channels() == [.init(end: Channel.tweets.end, name: "tweets", messages: 0, lastAt: nil)])
        try write("one", by: ada, at: 5)
        let last = try write("two", by: ada, at: 9)
        #expect(await channels() == [.init(end: Channel.tweets.end, name: "tweets", messages: 2, lastAt: 9)])
        _ = try store.set(Rule(subject: .message(last.id), isActive: true, at: 1))
        #expect(await channels().first?.lastAt == 5)
    }
}
