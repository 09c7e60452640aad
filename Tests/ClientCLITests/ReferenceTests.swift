import Bus
import BusClient
import Messages
import Testing

@testable import ClientCLI

/// Keys as people give them.
@Suite struct ReferenceTests {
    @Test func key_asListsShowIt_isFound() throws {
        let key = Identity.generate(.ed25519).publicKey
        let parts = try #require(KeyReference(argument: MessageText.short(key))).parts
        #expect(parts.contains { key.text.hasPrefix($0.prefix) && key.text.hasSuffix($0.suffix) })
        #expect(KeyReference(argument: key.text)?.key == key)
    }

    /// Anybody can make a key with the digits of another one.
    @Test func keyOf2011_isFoundByItsDigits_andNotByWhatListsShow() throws {
        let key = try Identity.sampleLegacy.publicKey
        #expect(try #require(KeyReference(argument: MessageText.short(key))).parts.isEmpty)
        let parts = try #require(KeyReference(argument: String(key.text.prefix(8)))).parts
        #expect(parts.contains { key.text.hasPrefix($0.prefix) })
        #expect(KeyReference(argument: key.text)?.key == key)
    }
}

@Suite struct MatchTests {
    @Test func severalAuthors_areNamedWithWhyEachOfThemMayBeMeant() async throws {
        let keys = (0..<3).map { _ in Identity.generate(.ed25519).publicKey }.sorted { $0.text < $1.text }
        let abcdef = try DisplayName(typed: "abcdef")
        let pinned = AuthorName(claimed: nil, pinned: abcdef)
        func lines(_ called: [Candidate]) async throws -> [String] {
            let reference = try #require(KeyReference(argument: "abcdef"))
            let found = try await reference.find { sought in
                if case .name = sought { return called }
                return [.author(keys[0], .none), .author(keys[2], pinned)]
            }
            guard case .several(let matches) = found else { return [] }
            return matches.map(\.line)
        }
        let claiming = Candidate.author(keys[1], AuthorName(claimed: abcdef, pinned: nil))
        let digits = ["\(keys[0].text)  (the key begins so)", "\(keys[2].text)  abcdef  (the key begins so)"]
        #expect(
            try await lines([claiming]) == [digits[0], "\(keys[1].text)  “abcdef”  (calls itself so)", digits[1]])
        #expect(
            try await lines([claiming, .author(keys[2], pinned)])
                == [digits[0], "\(keys[2].text)  abcdef  (the key begins so; you pinned this name)"])
    }
}

@Suite struct ChannelTableTests {
    @Test func channels_ofSeveralStores_areOneList_theLastActiveFirst() throws {
        let (tweets, garden) = (Channel.tweets, try Channel("garden"))
        var table = ChannelTable()
        table.add(tweets)
        table.add(garden)
        table.add(.init(end: tweets.end, name: "tweets", messages: 3, lastAt: 1_000))
        table.add(.init(end: tweets.end, name: "tweets", messages: 2, lastAt: 2_000))
        table.add(.init(end: Channel.end(ofName: "x"), name: nil, messages: 1, lastAt: 3_000))
        #expect(
            table.json == """
                {"channel":null,"end":"\(Channel.end(ofName: "x").hex)","messages":1,"last_at":3000}
                {"channel":"tweets","end":"\(tweets.end.hex)","messages":3,"last_at":2000}
                {"channel":"garden","end":"\(garden.end.hex)","messages":0,"last_at":null}

                """)
        let lines = table.text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("#tweets ") && lines[1].hasSuffix("3 messages  1970-01-01T00:00:02Z"))
        #expect(lines[2].hasSuffix("0 messages"))
    }
}
