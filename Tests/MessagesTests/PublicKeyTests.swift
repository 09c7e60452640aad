import Messages
import Testing

@Suite struct PublicKeyTests {
    static let known = "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    @Test func ed25519Key_inItsOneSpelling_isAccepted() throws {
        let key = try PublicKey(Self.known)
        #expect(key.text == Self.known)
        #expect(key.scheme == .ed25519)
        #expect(key.ed25519Bytes?.hex == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(try knownIdentity().publicKey == key)
    }

    @Test(arguments: [
        "", "ed25519:", "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR",
        "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURoo", "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp", "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "Ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", " ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ])
    func ed25519Key_inAnyOtherSpelling_isRefused(_ text: String) {
        #expect(messageError { try PublicKey(text) }?.code == .keyMalformed)
    }

    /// Little-endian y: of small order with either sign, and two that are written modulo 2^255 − 19 a second time.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ])
    func ed25519Key_thatIsNobodys_isRefused(_ hex: String) throws {
        #expect(messageError { try PublicKey("ed25519:" + base64URL(ofHex: hex)) }?.code == .keyMalformed)
    }

    @Test func ed25519Key_belowTheModulus_isAccepted() throws {
        let hex = "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
        #expect(try PublicKey("ed25519:" + base64URL(ofHex: hex)).ed25519Bytes?.hex == hex)
    }

    @Test func a2011Key_isBroughtToOneSpelling() throws {
        let modulus = "f" + String(repeating: "0", count: 126) + "b"
        #expect(try PublicKey("000" + modulus.uppercased()).text == modulus)
        #expect(try PublicKey(modulus).scheme == .legacy)
        #expect(try PublicKey(modulus).ed25519Bytes == nil)
    }

    @Test func a2011Key_has505To512Bits() throws {
        func modulus(_ first: String, _ digits: Int) -> String {
            first + String(repeating: "0", count: digits - 2) + "1"
        }
        for accepted in [modulus("1", 127), modulus("7", 128), modulus("f", 128)] {
            #expect(throws: Never.self) { try PublicKey(accepted) }
        }
        for refused in [modulus("f", 126), modulus("1", 129), "1", "3", modulus("f", 64), modulus("f", 1300)] {
            #expect(messageError { try PublicKey(refused) }?.code == .keyMalformed, "\(refused)")
        }
    }

    @Test func a2011Key_thatIsEven_isRefused() {
        #expect(messageError { try PublicKey(String(repeating: "e", count: 128)) }?.code == .keyMalformed)
    }

    private func base64URL(ofHex hex: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var bits = hex.map { digit in
            let value = String(Int(String(digit), radix: 16) ?? 0, radix: 2)
            return String(repeating: "0", count: 4 - value.count) + value
        }.joined()
        bits += String(repeating: "0", count: (6 - bits.count % 6) % 6)
        return stride(from: 0, to: bits.count, by: 6).map { start in
            let six = bits.dropFirst(start).prefix(6)
            return String(alphabet[Int(six, radix: 2) ?? 0])
        }.joined()
    }
}
