import Messages
import TelehashWire
import Testing

@Suite struct TextTests {
    private func sign(_ text: String, extra: Signals = [:]) throws -> SignedMessage {
        try knownIdentity().sign(text, channel: .tweets, at: 1_700_000_000_000, extra: extra)
    }

    @Test func emptyText_isRefused() {
        #expect(messageError { try sign("") }?.code == .textEmpty)
        #expect(messageError { try SignedMessage(signals: sampleSignals(["+message": ""])) }?.code == .textEmpty)
    }

    @Test func controlCharacters_areRefused_butNewlineAndTab() throws {
        for value in Array(0x00...0x1f) + Array(0x7f...0x9f) {
            let scalar = try #require(Unicode.Scalar(UInt32(value)))
            let text = "a\(Character(scalar))b"
            if scalar == "\n" || scalar == "\t" {
                #expect(try sign(text).text.bytes == text.bytes)
            } else {
                let error = messageError { try sign(text) }
                #expect(error?.code == .textHasControlCharacters)
                let hex = String(value, radix: 16, uppercase: true)
                #expect(error?.message.contains("U+00" + (value < 16 ? "0" : "") + hex) == true)
            }
        }
    }

    @Test(arguments: [
        " ", "\n", " \t\n", "\u{a0}", "\u{3000}", "\u{2028}", "\u{200b}", "\u{200d}\u{2060}", "\u{feff}", "\u{202e}",
        "\u{ad}",
        "\u{3164}", "\u{115f}", "\u{ffa0}", "\u{2800}", "\u{180e}", "\u{fe0f}", "\u{e0041}", " \u{2800}\n\u{3164}",
    ])
    func blanksAlone_areRefused_whateverTheirNames(_ text: String) throws {
        #expect(messageError { try sign(text) }?.code == .textBlank)
        #expect(messageError { try SignedMessage(signals: sampleSignals(["+message": text])) }?.code == .textBlank)
        #expect(try sign(text + "." + text).text.bytes == (text + "." + text).bytes)
    }

    /// Nothing was checked in 2011, and what came then stays.
    @Test func blanksOf2011_areTakenAsTheyAre() throws {
        var signals = try knownLegacyIdentity().sign("x", channel: .tweets, at: 0).signals
        signals["+message"] = " "
        #expect(try SignedMessage(signals: signals).text == " ")
    }

    @Test(arguments: ["\u{a0}", "\u{c0}", "Â", "\u{200e}", "\u{202e}", "\u{2028}", "\u{feff}", "😀", " ", "\n"])
    func otherCharacters_areAccepted(_ character: String) throws {
        let text = character + "a"
        let message = try sign(text)
        #expect(message.text.bytes == text.bytes)
        #expect(message.isSignatureValid())
    }

    /// 1400 bytes less braces, headers and the other signals, counted by hand: 108 of headers; `,"+at":"` 13 digits `"`,
    /// `,"+end":"` 40 `"`, `,"+key":"` 51 `"`, `,"+message":"` `"`, `,"+sig":"` 86 `"`.
    static let room = 1400 - 108 - (9 + 13) - (10 + 40) - (10 + 51) - 14 - (10 + 86)

    @Test func text_exactlyAtTheLimit_isAccepted_oneByteMoreIsNot() throws {
        let full = try sign(String(repeating: "x", count: Self.room))
        #expect(TelexSize.bytes(of: full.signals) == MessageLimits.telexBytes)
        let error = messageError { try sign(String(repeating: "x", count: Self.room + 1)) }
        #expect(error?.code == .textTooLong)
        #expect(error?.message.contains("the text is 1 byte too long") == true)
    }

    @Test func text_farOverTheLimit_saysByHowMuch() {
        let error = messageError { try sign(String(repeating: "x", count: 1_000_000)) }
        #expect(error?.code == .textTooLong)
        #expect(error?.message.contains("the text is \(1_000_000 - Self.room) bytes too long") == true)
    }

    @Test func escapes_countAsTheyAreWrittenOnTheWire() throws {
        for (piece, cost) in [("\"", 2), ("\\", 2), ("\n", 2), ("\t", 2), ("/", 1), ("é", 2), ("€", 3), ("😀", 4)] {
            #expect(TelexSize.bytes(ofText: piece) == cost)
            let rest = String(repeating: "x", count: Self.room % cost)
            let text = String(repeating: piece, count: Self.room / cost) + rest
            #expect(throws: Never.self, "\(piece)") { try sign(text) }
            #expect(messageError { try sign(text + "x") }?.message.contains("the text is 1 byte too long") == true)
        }
        #expect(TelexSize.bytes(ofText: "\u{0}\u{1b}\u{1f}") == 18)
        #expect(TelexSize.bytes(ofText: "\u{8}\u{c}\r") == 14)
        #expect(TelexSize.bytes(ofText: "\u{7f}\u{2028}") == 4)
    }

    @Test func furtherSignals_takeRoomFromTheText() throws {
        let extra: Signals = ["+name": String(repeating: "n", count: 50)]
        let room = Self.room - #","+name":"""#.utf8.count - 50
        #expect(throws: Never.self) { try sign(String(repeating: "x", count: room), extra: extra) }
        let error = messageError { try sign(String(repeating: "x", count: room + 3), extra: extra) }
        #expect(error?.message.contains("the text is 3 bytes too long") == true)
    }

    @Test func furtherSignals_thatAloneAreTooLong_areNotBlamedOnTheText() {
        let error = messageError { try sign("x", extra: ["+name": String(repeating: "n", count: 1400)]) }
        #expect(error?.code == .telexTooLong)
    }

    @Test func a2011Text_isTakenAsItIs_butMustFit() throws {
        let identity = try knownLegacyIdentity()
        var signals = try identity.sign("x", channel: .tweets, at: 0).signals
        signals["+message"] = "\u{0}\u{1b}[31m\u{9b}\u{7f}"
        #expect(try SignedMessage(signals: signals).text.bytes == "\u{0}\u{1b}[31m\u{9b}\u{7f}".bytes)
        signals["+message"] = ""
        let room = MessageLimits.telexBytes - TelexSize.bytes(of: signals)
        signals["+message"] = String(repeating: "x", count: room)
        #expect(throws: Never.self) { try SignedMessage(signals: signals) }
        signals["+message"] = String(repeating: "x", count: room + 1)
        #expect(messageError { try SignedMessage(signals: signals) }?.message.contains("1 byte too long") == true)
    }

    @Test func ownSignals_cannotBePassedAsFurtherOnes() {
        for name in ["+at", "+end", "+key", "+message", "+sig"] {
            #expect(messageError { try sign("x", extra: [name: "1"]) }?.code == .signalMalformed)
        }
    }
}
