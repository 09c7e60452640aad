import Testing

@testable import Messages

@Suite struct LegacySigningTests {
    static let texts = [
        "hello", "a", "café", "€ 5", "grüße ☃", "日本語", "a😀b", "e\u{301}", "line\nline\ttab", "\u{feff}BOM",
    ]

    @Test func ownSignatures_holdUnderTheStrictRule() throws {
        let identity = try knownLegacyIdentity()
        for text in Self.texts {
            let message = try identity.sign(text, channel: .tweets, at: 1)
            #expect(message.isSignatureValid())
            #expect(message.at == nil)
            #expect(message.key == identity.publicKey)
            #expect(Set(message.signals.map(\.key)) == ["+end", "+key", "+message", "+sig"])
            #expect(
                LegacySignature.isValid(
                    modulus: message.key.text, signature: message.signature, text: text, hashes: [.utf16Units]),
                "\(text)")
        }
    }

    @Test func sign_withTheKeysOfTheVectors_givesTheirSignatures() throws {
        var compared = 0
        for vector in try LegacyVectors.load().vectors where vector.strictVerifier && vector.note.hasPrefix("ASCII") {
            guard let exponent = vector.privateExponent else { continue }
            let keys = #"{"public":"\#(vector.modulus)","private":"\#(exponent)"}"#
            let message = try Identity.imported(keys).sign(vector.message, channel: .tweets, at: 0)
            // The two that were signed over UTF-8 are ASCII, so they are the same.
            #expect(message.signature == vector.signature, "\(vector.note)")
            compared += 1
        }
        #expect(compared >= 5)
    }

    @Test func generate_givesAModulusOfExactly512Bits() throws {
        let identity = Identity.generate(.legacy)
        let key = identity.publicKey.text
        #expect(key.count == 128)
        #expect(try #require(key.first?.hexDigitValue) >= 8)
        #expect(try #require(key.last?.hexDigitValue) % 2 == 1)
        #expect(try identity.sign("hello", channel: .tweets, at: 0).isSignatureValid())
        #expect(try Identity.imported(identity.exported).publicKey == identity.publicKey)
    }

    @Test func block_isExactlyPKCS1Type1WithoutDigestInfo() {
        let digest = LegacyHash.utf8.digest(of: "hello")
        #expect(
            LegacySignature.block(of: digest).hex
                == "0001" + String(repeating: "ff", count: 41) + "00aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d")
    }

    @Test func sign_withFurtherSignals_isRefused() throws {
        let identity = try knownLegacyIdentity()
        let error = messageError { try identity.sign("x", channel: .tweets, at: 0, extra: ["+name": "tj"]) }
        #expect(error?.code == .signalMalformed)
    }

    @Test func sign_emptyText_isRefusedAlthoughOthersMaySendIt() throws {
        let identity = try knownLegacyIdentity()
        #expect(messageError { try identity.sign("", channel: .tweets, at: 0) }?.code == .textEmpty)
    }

    @Test func import_ofAnExponentThatDoesNotBelong_isRefused() throws {
        let keys = try LegacyVectors.load().keys
        let (modulus, exponent) = keys[0]
        for wrong in [keys[1].exponent, "1", "3", "0", "", "zz", "10001", modulus] {
            let error = keyError { try LegacyIdentity(modulus: modulus, privateExponent: wrong) }
            #expect(error?.code == .malformed, "\(wrong)")
        }
        let identity = try LegacyIdentity(modulus: modulus.uppercased(), privateExponent: "0" + exponent)
        #expect(identity.publicKey.text == modulus)
    }
}
