import Messages
import Testing

@Suite struct IdentityTests {
    @Test(arguments: Scheme.allCases)
    func identity_survivesExportAndImport(_ scheme: Scheme) throws {
        let identity = try scheme == .legacy ? knownLegacyIdentity() : .generate(scheme)
        let text = identity.exported
        #expect(text.hasPrefix("p2pmsg-key 1 \(scheme.rawValue)\n"))
        #expect(text.hasSuffix("\n"))
        let again = try Identity.imported(text)
        #expect(again.publicKey == identity.publicKey)
        #expect(again.exported == text)
        #expect(again.scheme == scheme)
        let message = try again.sign("hello", channel: .tweets, at: 5)
        #expect(message.isSignatureValid())
        #expect(message.key == identity.publicKey)
    }

    @Test(arguments: Scheme.allCases)
    func import_toleratesOtherLineEndsAndBlankLines(_ scheme: Scheme) throws {
        let identity = try scheme == .legacy ? knownLegacyIdentity() : .generate(scheme)
        let text = identity.exported.replacing("\n", with: "\r\n") + "\r\n"
        #expect(try Identity.imported(text).publicKey == identity.publicKey)
    }

    @Test func generate_givesAnotherIdentityEachTime() {
        #expect(Identity.generate(.ed25519).publicKey != Identity.generate(.ed25519).publicKey)
    }

    @Test func keysFileOf2011_isImported() throws {
        let vector = try #require(LegacyVectors.load().vectors.first)
        let exponent = try #require(vector.privateExponent)
        let identity = try Identity.imported(#"{"public":"\#(vector.modulus)","private":"\#(exponent)"}"#)
        #expect(identity.publicKey.text == vector.modulus)
        #expect(try identity.sign("hello", channel: .tweets, at: 0).signature == vector.signature)
    }

    @Test(arguments: [
        "", "\n", "hello", "p2pmsg-key 1", "p2pmsg-key 1 ed25519", "p2pmsg-key 1 rsa\nx", "p2pmsg-key 2 ed25519\nx",
        "p2pmsg-key 1 ed25519\nnWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2",
        "p2pmsg-key 1 ed25519\nnWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B",
        "p2pmsg-key 1 ed25519\nnWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\nmore", "p2pmsg-key 1 2011",
        "p2pmsg-key 1 2011\nn 5",
        "p2pmsg-key 1 2011\nn 5\nd 5", "p2pmsg-key 1 2011\nn 5\nn 5\nd 1", "p2pmsg-key 1 2011\nn zz\nd 5", "{}",
        "{\"public\":\"5\"",
        #"{"public":"5","private":"5"}"#, #"{"public":5,"private":5}"#,
    ])
    func import_ofAnythingElse_isRefused(_ text: String) {
        #expect(keyError { try Identity.imported(text) }?.code == .malformed)
    }

    @Test func import_ofTooMuch_isRefused() {
        let text = "p2pmsg-key 1 2011\n" + String(repeating: "n 5\n", count: 2000)
        #expect(keyError { try Identity.imported(text) }?.code == .malformed)
    }

    @Test(arguments: Scheme.allCases)
    func descriptions_ofAnIdentity_doNotShowTheSecret(_ scheme: Scheme) throws {
        let identity = try scheme == .legacy ? knownLegacyIdentity() : knownIdentity()
        let secret = try #require(identity.exported.split(whereSeparator: \.isWhitespace).last)
        var dumped = ""
        dump(identity, to: &dumped)
        switch identity {
        case .ed25519(let key): dump(key, to: &dumped)
        case .legacy(let key): dump(key, to: &dumped)
        }
        for text in ["\(identity)", String(reflecting: identity), "\([identity])", dumped] {
            #expect(!text.contains(secret))
            #expect(text.contains(identity.publicKey.text))
        }
    }

    @Test func import_ofAMalformedKey_doesNotRepeatTheSecret() {
        let secret = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B"
        let error = keyError { try Identity.imported("p2pmsg-key 1 ed25519\n\(secret)\n") }
        #expect(error?.message.contains(secret) == false)
    }
}
