import BusClient
import Messages
import Testing

@testable import ClientCLI

/// Keys as people give them.
@Suite struct ReferenceTests {
    @Test func key_asListsShowIt_isFound() throws {
        for identity in [Identity.generate(.ed25519), try .sampleLegacy] {
            let key = identity.publicKey
            let parts = try #require(KeyReference(argument: MessageText.short(key))).parts
            #expect(parts.contains { key.text.hasPrefix($0.prefix) && key.text.hasSuffix($0.suffix) })
            #expect(KeyReference(argument: key.text)?.key == key)
        }
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
        table.add(.init(end: EndHash(ofChannel: "x"), name: nil, messages: 1, lastAt: 3_000))
        #expect(
            table.json == """
                {"channel":null,"end":"\(EndHash(ofChannel: "x").hex)","messages":1,"last_at":3000}
                {"channel":"tweets","end":"\(tweets.end.hex)","messages":3,"last_at":2000}
                {"channel":"garden","end":"\(garden.end.hex)","messages":0,"last_at":null}

                """)
        let lines = table.text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("#tweets ") && lines[1].hasSuffix("3 messages  1970-01-01T00:00:02Z"))
        #expect(lines[2].hasSuffix("0 messages"))
    }
}
