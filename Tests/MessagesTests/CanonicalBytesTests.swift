import Messages
import TelehashWire
import Testing

/// The expected values were computed apart from this code, with Python's hashlib and a plain Ed25519 after RFC 8032.
@Suite struct CanonicalBytesTests {
    static let signals: Signals = [
        "+message": "Grüße ☃\n", "+name": "tj", "+Z": "", "+at": "1700000000123",
        "+key": "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "+end": "49dab5697b6433548a8dcb4b794f63b110424cd3",
        "+sig": "pVvW9cQJISFxidrXinqoa9AcG1GUO1k_2B6oPVy9sz1QftwPL_9FS2xRur1Yr25QZNIQHnFvpM0_v0ZS47m4Bw",
    ]
    static let canonical =
        "7032706d73673a3100000000022b5a00000000000000032b61740000000d31373030303030303030313233000000042b656e640000"
        + "00283439646162353639376236343333353438613864636234623739346636336231313034323463643300000004"
        + "2b6b6579000000336564323535313"
        + "93a3131715941594b7843726656535f3754795751484f6737686376506170694d6c727749616150634855526f"
        + "000000082b6d6573736167650000000c4772c3bcc39f6520e298830a000000052b6e616d6500000002746a"
    static let id = "e64482bcfda3549366f6c03d22e15e3717eb35a9d426c3a666849086789d25f3"

    @Test func canonicalBytes_ofEd25519Message_areThoseOfTheDesign() throws {
        #expect(SignedMessage.canonicalBytes(of: Self.signals).hex == Self.canonical)
        #expect(try SignedMessage(signals: Self.signals).canonicalBytes().hex == Self.canonical)
    }

    @Test func id_isTheSHA256OfTheCanonicalBytes() throws {
        #expect(try SignedMessage(signals: Self.signals).id.hex == Self.id)
    }

    @Test func signature_madeElsewhere_holds() throws {
        #expect(try SignedMessage(signals: Self.signals).isSignatureValid())
    }

    @Test func sign_withTheKeyOfRFC8032_givesTheSignatureMadeElsewhere() throws {
        let message = try knownIdentity().sign(
            "Grüße ☃\n", channel: Channel("swift"), at: 1_700_000_000_123, extra: ["+name": "tj", "+Z": ""])
        #expect(message.signals == Self.signals)
        #expect(message.id.hex == Self.id)
    }

    @Test func id_doesNotDependOnTheSignature() throws {
        var signals = Self.signals
        signals["+sig"] = String(repeating: "A", count: 86)
        let message = try SignedMessage(signals: signals)
        #expect(message.id.hex == Self.id)
        #expect(!message.isSignatureValid())
        #expect(try message != SignedMessage(signals: Self.signals))
    }

    @Test func id_doesNotDependOnTheOrderOfTheSignals() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<100 {
            var shuffled = Signals()
            for signal in Self.signals.shuffled(using: &random) { shuffled[signal.key] = signal.value }
            #expect(try SignedMessage(signals: shuffled).id.hex == Self.id)
        }
    }

    @Test func canonicalBytes_ofA2011Message_coverEndKeyAndMessageOnly() throws {
        let telex = try #require(LegacyVectors.load().clientJSTelexes.first { $0.text == "grüße ☃" })
        var signals = telex.signals
        let plain = try SignedMessage(signals: signals)
        #expect(plain.id.hex == "ffe6890338d88a4f01bbf73d76104cdcc3b4c493882e5c157e1f68be4ba3dabd")
        #expect(plain.canonicalBytes() == SignedMessage.canonicalBytes(of: signals))

        signals["+guid"] = "5"
        signals["+at"] = "1"
        signals["+key"] = "00" + (signals["+key"] ?? "").uppercased()
        signals["+sig"] = "0" + (signals["+sig"] ?? "").uppercased()
        let decorated = try SignedMessage(signals: signals)
        #expect(decorated == plain)
        #expect(decorated.signals == telex.signals)
        #expect(SignedMessage.canonicalBytes(of: signals) == plain.canonicalBytes())
    }
}
