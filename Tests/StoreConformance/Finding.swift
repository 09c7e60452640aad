import Bus
import Messages
import ReceiverStore
import Testing

extension ConformanceTest {
    /// What a few digits or a name stand for, and what is in the channels.
    static let finding = tests { test in
        test("message_isFoundByItsFirstDigits_hiddenOrNot") { stores in
            let store = try stores.open()
            let id = try store.write("one", by: ada, at: 1).id
            try store.write("two", by: ada, at: 2)
            for count in [6, 7, 40, 63] {
                #expect(await store.find(.message(prefix: String(id.hex.prefix(count)))) == [.message(id)])
            }
            _ = try store.set(Rule(subject: .message(id), isActive: true, at: 1))
            #expect(await store.find(.message(prefix: String(id.hex.prefix(6)))) == [.message(id)])
            let unseen = try #require(MessageID(bytes: [UInt8](repeating: 7, count: 32)))
            _ = try store.set(Rule(subject: .message(unseen), isActive: true, at: 1))
            #expect(await store.find(.message(prefix: "070707")) == [.message(unseen)], "hidden before it came")
            for prefix in ["", "07070", "zzzzzz", unseen.hex] {
                #expect(await store.find(.message(prefix: prefix)).isEmpty)
            }
        }

        test("author_isFoundByTheEndsOfTheKey") { stores in
            let store = try stores.open()
            try store.write("one", by: ada, at: 1, name: "Ada")
            try store.write("two", by: bob, at: 2)
            let text = ada.publicKey.text
            let found = [try author(ada, claimed: "Ada")]
            #expect(await store.find(.key(prefix: String(text.prefix(14)), suffix: "")) == found)
            #expect(await store.find(.key(prefix: String(text.prefix(14)), suffix: String(text.suffix(4)))) == found)
            #expect(await store.find(.key(prefix: String(text.prefix(14)), suffix: "====")).isEmpty)
            #expect(Set(await store.find(.key(prefix: "ed25519:", suffix: ""))).count == 2)
            let silent = Identity.generate(.ed25519)
            _ = try store.set(Rule(subject: .key(silent.publicKey), isActive: true, at: 1))
            let silentAuthor = [try author(silent)]
            #expect(
                await store.find(.key(prefix: String(silent.publicKey.text.prefix(14)), suffix: "")) == silentAuthor)
        }

        test("candidates_areNoMoreThanAreAskedFor") { stores in
            let store = try stores.open()
            for number in 0..<BusLimits.candidates + 3 {
                try store.write("\(number)", by: .generate(.ed25519), at: 1, name: "Ada")
            }
            #expect(await store.find(.key(prefix: "ed25519:", suffix: "")).count == BusLimits.candidates)
            #expect(try await store.called("Ada").count == BusLimits.candidates)
        }

        test("author_isFoundByTheNameThatIsShownNow") { stores in
            let store = try stores.open()
            try store.write("one", by: ada, at: 1, name: "Ada")
            try store.write("two", by: ada, at: 2, name: "Ada")
            try store.write("once", by: bob, at: 3, name: "Ada")
            #expect(try await store.called("Ada") == [ada.publicKey, bob.publicKey])
            try store.write("not any more", by: bob, at: 4, name: "Bob")
            #expect(try await store.called("Ada") == [ada.publicKey])
            _ = try store.set(Rule(calling: bob.publicKey, try DisplayName("Ada"), at: 1))
            #expect(try await store.called("Ada") == [bob.publicKey, ada.publicKey])
            #expect(try await store.called("ada").isEmpty, "what looks alike is another name")
        }

        test("channels_haveTheirCountsAndTheTimeOfTheNewest") { stores in
            let store = try stores.open()
            let empty = ChannelActivity(end: Channel.tweets.end, name: "tweets", messages: 0, lastAt: nil)
            #expect(await store.channels() == [empty])
            try store.write("one", by: ada, at: 5)
            let last = try store.write("two", by: ada, at: 9)
            let two = ChannelActivity(end: Channel.tweets.end, name: "tweets", messages: 2, lastAt: 9)
            #expect(await store.channels() == [two])
            _ = try store.set(Rule(subject: .message(last.id), isActive: true, at: 1))
            #expect(await store.channels()?.first?.lastAt == 5)
            let garden = try Channel("garden")
            try store.commit((0..<3).map { try Fixture.message("\($0)", at: 1 + $0, channel: garden) })
            #expect(await store.channels()?.map(\.end) == [garden.end, Channel.tweets.end], "the largest first")
            try store.name([garden])
            #expect(await store.channels()?.map(\.name) == ["garden", "tweets"])
        }
    }

    private static let ada = Identity.generate(.ed25519)
    private static let bob = Identity.generate(.ed25519)

    private static func author(_ identity: Identity, claimed: String? = nil) throws -> Candidate {
        .author(identity.publicKey, AuthorName(claimed: try claimed.map { try DisplayName($0) }, pinned: nil))
    }
}

extension Store {
    fileprivate func find(_ sought: Query.Sought) async -> [Candidate] {
        guard case .found(let candidates) = await answer(.find(sought)).body else { return [] }
        return candidates
    }

    fileprivate func called(_ name: String) async throws -> [PublicKey] {
        await find(.name(try DisplayName(name))).compactMap { candidate in
            if case .author(let key, _) = candidate { key } else { nil }
        }
    }

    fileprivate func channels() async -> [ChannelActivity]? {
        guard case .channels(let channels) = await answer(.channels).body else { return nil }
        return channels
    }

    @discardableResult
    fileprivate func write(_ text: String, by identity: Identity, at: Int64, name: String? = nil) throws
        -> SignedMessage
    {
        let message = try Fixture.message(text, at: at, by: identity, name: name)
        try commit([message])
        return message
    }
}
