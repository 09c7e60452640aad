import Bus
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

/// Messages that are dated too far ahead.
@Suite struct EarlyTests {
    private let directory: TemporaryDirectory
    private let store: any Store
    private static let hour: Int64 = 3_600_000

    init() throws {
        directory = try TemporaryDirectory()
        store = try Fixture.store(in: directory)
    }

    private func early(
        _ text: String, at: Int64 = Fixture.now + hour, by identity: Identity = Fixture.author
    ) throws -> SignedMessage { try Fixture.message(text, at: at, by: identity) }

    @discardableResult
    private func keep(_ messages: [SignedMessage], in store: (any Store)? = nil) throws -> Committed {
        try (store ?? self.store).commit(
            messages.map { Incoming(message: $0, receivedAt: Fixture.now, isEarly: true) })
    }

    /// Of all that is kept aside.
    private func texts() throws -> Set<String> {
        Set(try store.dueMessages(now: Fixture.now * 2, after: .first).compactMap(\.message?.text))
    }

    /// One look at whether the time of something has come.
    ///
    /// - Returns: what was announced.
    private func take(
        from store: (any Store)? = nil, policy: Policy = Policy(),
        channels: KeptChannels = KeptChannels([.tweets]), now: Int64
    ) async -> [String] {
        let heard = Mailbox<String>()
        await Fixture.household(
            store ?? self.store, admission: Fixture.admission(channels: channels, policy: policy), clock: { now },
            announce: { committed in for row in committed.rows { heard.append(row.stored.message.text) } }
        ).lookForDue()
        return heard.all
    }

    @Test func whenItsTimeHasCome_itIsTakenAndAnnounced_alsoAfterARestart() async throws {
        let messages = try [early("first"), early("second", at: Fixture.now + 2 * Self.hour)]
        try keep(messages)
        store.close()
        let opened = try Fixture.store(in: directory)
        defer { opened.close() }
        #expect(await take(from: opened, now: Fixture.now + Self.hour - 900_001) == [])
        #expect(await take(from: opened, now: Fixture.now + Self.hour - 900_000) == ["first"])
        #expect(await take(from: opened, now: Fixture.now + Self.hour) == [])
        #expect(await take(from: opened, now: Fixture.now + 3 * Self.hour) == ["second"])
        let page = try #require(await opened.page(.timeline(.init(limit: 9))))
        #expect(page.rows.map(\.stored.message) == [messages[1], messages[0]])
        #expect(page.rows.map(\.stored.receivedAt) == [3 * Self.hour, Self.hour - 900_000].map { Fixture.now + $0 })
        #expect(try opened.earlyMessages(since: 0).messages == 0)
    }

    @Test func whatCameInTimeAfterAll_isForgotten() async throws {
        let message = try early("redelivered")
        try keep([message])
        try store.commit([message])
        #expect(await take(now: Fixture.now + Self.hour) == [])
        #expect(await store.summary()?.messages == 1)
        #expect(try store.earlyMessages(since: 0).messages == 0)
        store.close()
    }

    /// An author who dates messages ahead never has more room than others.
    @Test func whatWasKeptAside_isTakenAtTheRateOfItsAuthor_andTheRestWaits() async throws {
        let clock = ManualClock()
        let rates = Rates(Rates.Settings(key: nil, source: nil), now: { clock.now })
        let household = Fixture.household(
            store, admission: Fixture.admission(rates: rates), clock: { Fixture.now + Self.hour })
        try keep((0..<100).map { try early("\($0)") } + [early("of another", by: Fixture.secondAuthor)])
        for (second, count) in [(0, 21), (1, 22), (10, 32)] {
            clock.advance(by: .seconds(second))
            await household.lookForDue()
            #expect(await store.summary()?.messages == UInt64(count))
        }
        #expect(try texts().count == 69)
        store.close()
    }

    /// The router says which channels a node takes, and not in the first moment.
    @Test func messageOfAChannelThatIsNotKeptNow_waits_forADay() async throws {
        let garden = try Channel("garden")
        let due = Fixture.now + Self.hour
        try keep([
            try Fixture.message("flower", at: due, channel: garden), try early("tweet", at: due + 1),
            try Fixture.message("weed", at: due, channel: Channel("no more")),
        ])
        #expect(await take(now: due) == ["tweet"])
        #expect(await take(channels: KeptChannels([.tweets, garden]), now: due) == ["flower"])
        #expect(try texts() == ["weed"])
        #expect(await take(channels: KeptChannels([.tweets, garden]), now: due + 25 * Self.hour) == [])
        #expect(try texts().isEmpty)
        store.close()
    }

    @Test func messageThatIsHidden_isTakenHidden_andOneThatAListRefuses_isNotTaken() async throws {
        let hidden = try early("hidden")
        let denied = try early("denied", by: Fixture.secondAuthor)
        try keep([hidden, denied])
        _ = try store.set(Rule(subject: .message(hidden.id), isActive: true, at: 1))
        let list = try directory.write(Fixture.secondAuthor.publicKey.text, to: "denied")
        let policy = try Policy(files: .init(denied: list))
        #expect(await take(policy: policy, now: Fixture.now + Self.hour) == [])
        #expect(await store.summary()?.messages == 1)
        #expect(await store.summary()?.hidden == 1)
        #expect(try store.earlyMessages(since: 0).messages == 0)
        store.close()
    }

    @Test func threeAuthors_areTold_andRememberedPagesAreOutOfDate() async throws {
        let household = Fixture.household(store)
        let authors = (0..<3).map { _ in Identity.generate(.ed25519) }
        try keep([try early("1", by: authors[0]), try early("2", by: authors[1])])
        let position = try await store.position()
        await household.lookForDue()
        #expect(household.board.notices.isEmpty)
        #expect(try await store.position() == position)
        try keep([try early("3", by: authors[2])])
        await household.lookForDue()
        #expect(
            household.board.notices.map(\.text) == ["messages of 3 authors are in the future: is this clock right?"])
        #expect(try await store.position() == position + 1)
        await household.lookForDue()
        #expect(try await store.position() == position + 1)
        store.close()
    }
}
