import Messages
import TelehashWire
import Testing

@Suite struct ValueTests {
    static let hex = "00010203040506070809abcdef1112131415161718191a1b1c1d1e1fdeadbeef"

    @Test func messageID_roundTripsHexAndBytes() throws {
        let id = try #require(MessageID(hex: Self.hex))
        #expect(id.hex == Self.hex)
        #expect("\(id)" == Self.hex)
        #expect(id.bytes.hex == Self.hex)
        #expect(MessageID(bytes: id.bytes) == id)
        #expect(MessageID(bytes: id.bytes.dropLast()) == nil)
        #expect(MessageID(bytes: id.bytes + [0]) == nil)
    }

    @Test(arguments: [
        "", String(hex.dropLast()), hex + "0", hex.uppercased(), "g" + hex.dropFirst(), " " + hex.dropFirst(),
        "é" + hex.dropFirst(2),
    ])
    func messageID_inAnyOtherSpelling_isNil(_ text: String) {
        #expect(MessageID(hex: text) == nil)
    }

    @Test func messageIDs_areOrderedAsTheirHex() throws {
        var random = SeededGenerator(seed: 7)
        let ids = try (0..<200).map { _ in
            try #require(MessageID(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }))
        }
        #expect(ids.sorted().map(\.hex) == ids.map(\.hex).sorted())
    }

    @Test func endHash_roundTripsHexAndBytes() throws {
        let hex = "00bf1cce916417d16b7554135b6b075fb16dd26c"
        let end = try #require(NodeID(lowerCaseHex: hex))
        #expect(end.hex == hex)
        #expect(end.bytes.hex == hex)
        #expect(NodeID(lowerCaseHex: hex.uppercased()) == nil)
        #expect(NodeID(lowerCaseHex: hex + "0") == nil)
        #expect(NodeID(lowerCaseHex: "") == nil)
    }

    @Test func tweets_hasTheConstantOf2011() throws {
        #expect(Channel.tweets.name == "tweets")
        #expect(Channel.tweets.end.hex == "8bf1cce916417d16b7554135b6b075fb16dd26ce")
        #expect(Channel.end(ofName: "tweets") == Channel.tweets.end)
        #expect(try Channel("tweets") == .tweets)
        #expect(try Channel(" tweets\n") == .tweets)
    }

    @Test func channel_hasTheSHA1OfItsName() throws {
        #expect(try Channel("swift").end.hex == "49dab5697b6433548a8dcb4b794f63b110424cd3")
        #expect(try Channel("größe").end.hex == "93c6a3acf1b4a1beba25d8a45a3ccd719721538b")
        #expect(try Channel("größe").name == "größe")
    }

    @Test(arguments: [
        "", " ", "\n\t", "a/b", "/", "a\u{0}b", "a\nb", "a\u{85}b", "a\u{7f}", String(repeating: "x", count: 65),
        "#", " # ", "tweets\u{200B}", "\u{200B}tweets", "twe\u{200D}ets", "twe\u{200C}ets", "tweets\u{FE0F}",
        "\u{FEFF}tweets",
        "tweets\u{2060}", "twe\u{AD}ets", "\u{202E}steewt", "tweets\u{200E}", "\u{2066}tweets\u{2069}",
        "tweets\u{180E}",
        "a\u{A0}b", "a\u{3000}b", "a\u{2028}b", "\u{3164}", "\u{2800}", "\u{E0001}x", "\u{E000}", "\u{10FFFF}",
        "\u{301}x",
    ])
    func channel_withAnImpossibleName_isRefused(_ name: String) {
        #expect(messageError { try Channel(name) }?.code == .channelMalformed)
    }

    @Test func channel_of64Bytes_isAccepted_oneMoreSaysSo() throws {
        #expect(try Channel(String(repeating: "é", count: 32)).name.utf8.count == 64)
        #expect(
            messageError { try Channel(String(repeating: "é", count: 32) + "x") }?.message.contains("1 too many")
                == true)
    }

    @Test(arguments: [
        ("café", "cafe\u{301}"), ("garden", "#garden"), ("garden", " # garden "), ("b", "# ##b"), ("a b", "a   b"),
        ("Ệ", "E\u{302}\u{323}"), ("각", "\u{1100}\u{1161}\u{11A8}"), ("Å", "\u{212B}"), ("❤", "❤\u{FE0F}"),
        ("ש\u{5BC}\u{5C1}", "\u{FB2C}"), ("がぎ", "か\u{3099}き\u{3099}"),
    ])
    func channels_whoseNamesLookEqual_areOne(_ name: String, _ other: String) throws {
        let channel = try Channel(name)
        #expect(try Channel(other) == channel)
        #expect(try Channel(other).name.utf8.elementsEqual(channel.name.utf8))
        #expect(try Channel(channel.name).name.utf8.elementsEqual(channel.name.utf8))
    }

    @Test(arguments: [
        "می\u{200C}خواهم", "क्\u{200D}ष", "👩\u{200D}💻", "👍🏽", "日本 語", "c++", "a#b", "สวัสดี", "a\u{301}\u{323}x",
    ])
    func channel_whoseJoinersAndMarksAreSeen_isTaken(_ name: String) throws {
        #expect(try Channel(name).end == Channel.end(ofName: Channel(name).name))
    }

    @Test func channel_thatHasASign_isKnown() {
        #expect(Channel.hasSign(" #garden"))
        #expect(!Channel.hasSign("garden#"))
    }

    @Test func cursor_roundTrips() throws {
        let id = try #require(MessageID(hex: Self.hex))
        for time in [0, 1, 1_700_000_000_000, 1 << 53] as [Int64] {
            let cursor = Cursor(time: time, id: id)
            #expect("\(cursor)" == "\(time)-\(Self.hex)")
            #expect(Cursor("\(cursor)") == cursor)
        }
    }

    @Test(arguments: [
        "", "-", hex, "-" + hex, "5" + hex, "5-", "05-" + hex, "+5-" + hex, "-5-" + hex, "5--" + hex, "5-" + hex + "0",
        "9007199254740993-" + hex, "99999999999999999999999-" + hex, "5-" + hex.uppercased(), " 5-" + hex,
    ])
    func cursor_inAnyOtherSpelling_isNil(_ text: String) {
        #expect(Cursor(text) == nil)
    }

    @Test func cursors_areOrderedByTimeThenID() throws {
        let low = try #require(MessageID(hex: String(repeating: "0", count: 64)))
        let high = try #require(MessageID(hex: String(repeating: "f", count: 64)))
        #expect(Cursor(time: 1, id: high) < Cursor(time: 2, id: low))
        #expect(Cursor(time: 1, id: low) < Cursor(time: 1, id: high))
        #expect(!(Cursor(time: 1, id: low) < Cursor(time: 1, id: low)))
    }

    @Test func storedMessage_isOrderedByTheAuthorsTime_orWhenItWasFirstSeen() throws {
        let message = try SignedMessage(signals: sampleSignals())
        for (receivedAt, time) in [
            (Int64(1_700_000_000_007), Int64(1_700_000_000_000)), (1_700_000_000_000, 1_700_000_000_000),
            (1_699_999_999_999, 1_699_999_999_999),
        ] {
            let modern = StoredMessage(message: message, receivedAt: receivedAt, channel: nil)
            #expect(modern.sortTime == time, "the earlier of the two")
        }
        #expect(message.signatureID == nil)
        let telex = try #require(LegacyVectors.load().clientJSTelexes.first)
        let old = StoredMessage(message: try SignedMessage(signals: telex.signals), receivedAt: 5, channel: "tweets")
        #expect(old.sortTime == 5)
        #expect(old.cursor == Cursor(time: 5, id: old.message.id))
    }
}
