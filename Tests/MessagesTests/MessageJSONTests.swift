import Foundation
import Messages
import Testing

@Suite struct MessageJSONTests {
    private func unmarked(_ text: String?) -> [Unicode.Scalar]? {
        text?.unicodeScalars.filter { $0 != "\u{feff}" }
    }

    @Test func json_hasTheKeysOfTheDesignInOrder() throws {
        let message = try SignedMessage(signals: CanonicalBytesTests.signals)
        let signals = CanonicalBytesTests.signals
        let expected =
            #"{"id":"\#(CanonicalBytesTests.id)","channel":"swift","end":"\#(signals["+end"] ?? "")","#
            + #""key":"\#(signals["+key"] ?? "")","message":"Grüße ☃\n","at":1700000000123,"received_at":1700000000456,"#
            + #""sig":"\#(signals["+sig"] ?? "")","scheme":"ed25519","signals":{"+Z":"","+at":"1700000000123","#
            + #""+end":"\#(signals["+end"] ?? "")","+key":"\#(signals["+key"] ?? "")","+message":"Grüße ☃\n","#
            + #""+name":"tj","+sig":"\#(signals["+sig"] ?? "")"}}"#
        let stored = StoredMessage(message: message, receivedAt: 1_700_000_000_456, channel: "swift")
        #expect(stored.json() == expected)
    }

    @Test func json_of2011MessageThatIsNotStored_hasNulls() throws {
        let telex = try #require(LegacyVectors.load().clientJSTelexes.first)
        let json = try SignedMessage(signals: telex.signals).json()
        #expect(json.contains(#""channel":null,"#))
        #expect(json.contains(#""at":null,"received_at":null,"#))
        #expect(json.contains(#""scheme":"2011","#))
    }

    @Test func json_ofAnyText_isOneLineThatReadsBack() throws {
        var random = SeededGenerator(seed: 17)
        let identity = try knownIdentity()
        for index in 0..<300 {
            let text = NastyText.make(using: &random)
            let name = NastyText.make(using: &random)
            let message = try identity.sign(text, channel: .tweets, at: Int64(index), extra: ["+name": name])
            let json = message.json(channel: "a\"b\\", receivedAt: 5)
            #expect(!json.utf8.contains { $0 < 0x20 || $0 == 0x7f })
            #expect(try SignedMessage(json: json) == message)
            // Another reader sees the same, but for byte order marks, which Foundation drops on Linux.
            let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
            #expect(unmarked(object["message"] as? String) == unmarked(text))
            #expect(object["channel"] as? String == "a\"b\\")
            #expect(unmarked((object["signals"] as? [String: String])?["+name"]) == unmarked(name))
        }
    }

    @Test func json_ofA2011TextWithControlCharacters_isSafeForATerminal() throws {
        var signals = try #require(LegacyVectors.load().clientJSTelexes.first).signals
        signals["+message"] = "\u{0}\u{1b}[31m\u{9b}A\u{7f}\r\u{85}Â\u{a0}é"
        let message = try SignedMessage(signals: signals)
        let json = message.json()
        #expect(json.contains(#""message":"\u0000\u001b[31m\u009bA\u007f\r\u0085Â"# + "\u{a0}é\""))
        #expect(try SignedMessage(json: json) == message)
    }

    @Test func json_needsOnlySignals() throws {
        let message = try SignedMessage(signals: sampleSignals())
        let signals = try #require(message.json().split(separator: #""signals":"#).last).dropLast()
        #expect(try SignedMessage(json: #"{"signals":\#(signals)}"#) == message)
        let others = #""x":[1,{"a":[{}],"b":-1.5e+3},true,false,null,""],"y":{},"z":[]"#
        let spaced = "\n { \(others) , \"signals\" : \(signals) } \r\n\t"
        #expect(try SignedMessage(json: spaced) == message)
        #expect(try SignedMessage(json: #"{"id":null,"signals":\#(signals)}"#) == message)
    }

    @Test func json_withAnotherID_isRefused() throws {
        let message = try SignedMessage(signals: sampleSignals())
        let other = message.json().replacing(message.id.hex, with: String(repeating: "0", count: 64))
        let error = messageError { try SignedMessage(json: other) }
        #expect(error?.code == .idMismatch)
        #expect(error?.message.contains(message.id.hex) == true)
    }

    /// Who takes the text from beside the signals must not be told something else than was signed.
    @Test(arguments: ["message", "key", "end"])
    func json_thatSaysSomethingElseThanItsSignals_isRefused(_ name: String) throws {
        let message = try SignedMessage(signals: sampleSignals())
        let said = ["message": message.text, "key": message.key.text, "end": message.end.hex][name] ?? ""
        let forged = message.json().replacing(
            "\"\(name)\":\"\(said)\"", with: "\"\(name)\":\"\(said)x\"", maxReplacements: 1)
        #expect(forged != message.json())
        let error = messageError { try SignedMessage(json: forged) }
        #expect(error?.code == .jsonContradictory)
        #expect(error?.message.contains(name) == true)
    }
}
