import Messages
import TelehashWire
import TestSupport
import Testing

/// What authors are called.
@Suite struct NameTests {
    @Test(arguments: [
        "Ada", "ada lovelace", "Ægir Ødegård", "日本 太郎", "שָׁלוֹם", "เขียนที่นี่", "مرحبا", "Nguyễn", "e\u{301}\u{302}\u{303}",
        "👩‍💻", "❤\u{FE0F}", "نامه\u{200C}ای", "a", "#1 & <b>", "x\"y'z", String(repeating: "n", count: 48),
    ])
    func name_asPeopleHaveThem_isTaken(_ text: String) throws {
        #expect(try DisplayName(text).text == text)
    }

    @Test(arguments: [
        "", " ", " Ada", "Ada ", "a  b", "a\u{A0}b", "a\tb", "a\nb", "a\u{0}b", "a\u{202E}b", "\u{2066}a", "a\u{200B}b",
        "\u{FEFF}a", "a\u{AD}b", "\u{3164}", "\u{115F}", "\u{2800}", "\u{301}a", "\u{FE0F}", "\u{FE0F}\u{FE0F}",
        "a\u{200D}\u{301}", "a \u{301}",
        "e\u{301}\u{301}\u{301}\u{301}", "\u{200D}a", "a\u{200D}", "a\u{200D}\u{200D}b", "a\u{200D} b", "\u{E000}",
        "\u{10FFFF}", "\u{E0041}a", "Yk3vQa…x9Qw", "a\u{2028}b", String(repeating: "n", count: 49),
    ])
    func name_thatIsNotWhatItLooksLike_isRefused(_ text: String) {
        #expect(throws: NameError.self) { try DisplayName(text) }
    }

    @Test func name_asItIsTyped_losesWhiteSpaceThatIsNotMeant() throws {
        #expect(try DisplayName(typed: "  Ada \u{A0} Lovelace\n").text == "Ada Lovelace")
        #expect(throws: NameError.empty) { try DisplayName(typed: " \n ") }
        #expect(throws: NameError.isKey) { try DisplayName(typed: " Ed25519:pQz4Kd") }
    }

    @Test(arguments: ["a\nb", "a \r\n b", "a\u{85}b", "a\u{2028}b", "a\u{B}b"])
    func name_ofSeveralLines_isRefusedAsItIsTyped(_ text: String) {
        #expect(throws: NameError.self) { try DisplayName(typed: text) }
    }

    @Test func claim_isWhatASignedMessageSays() throws {
        let identity = try knownIdentity()
        func claim(_ extra: Signals) throws -> SignedMessage.NameClaim? {
            let message = try identity.sign("hello", channel: .tweets, at: 1, extra: extra)
            #expect(message.isSignatureValid())
            return try SignedMessage(encoded: message.encoded()).nameClaim
        }
        #expect(try claim([:]) == nil)
        #expect(try claim(["+nam": "x", "+names": "y"]) == nil)
        #expect(try claim(["+name": "Ada"]) == .called(DisplayName("Ada")))
        #expect(try claim(["+mood": "calm", "+name": "Ada", "+zeal": "little"]) == .called(DisplayName("Ada")))
        #expect(try claim(["+name": ""]) == .nobody)
        #expect(try claim(["+name": "a\u{202E}b"]) == nil, "a bad name costs itself, not the message")
        #expect(try knownLegacyIdentity().sign("hello", channel: .tweets, at: 1).nameClaim == nil)
    }

    @Test func claim_isCoveredByTheSignature() throws {
        let message = try knownIdentity().sign("hello", channel: .tweets, at: 1, extra: ["+name": "Ada"])
        var signals = message.signals
        signals["+name"] = "Bob"
        #expect(try !SignedMessage(signals: signals).isSignatureValid())
    }

    @Test func store_keepsTheLastWordOfEachIdentity_besideTheKeys() throws {
        let home = try TemporaryDirectory()
        let store = KeyStore(directory: home.file("keys"))
        _ = try store.create("tj")
        #expect(try store.nameClaim(of: "tj") == nil)
        try store.setNameClaim(.called(try DisplayName("Ada")), of: "tj")
        try store.setNameClaim(.called(try DisplayName("Ada Lovelace")), of: "tj")
        #expect(try store.nameClaim(of: "tj") == .called(DisplayName("Ada Lovelace")))
        #expect(try store.nameClaim(of: "other") == nil)
        try store.setNameClaim(.nobody, of: "tj")
        #expect(try store.nameClaim(of: "tj") == .nobody)
        #expect(try store.names() == ["tj"], "no key of that name appears")
    }
}
