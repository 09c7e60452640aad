import TelehashWire
import Testing

@testable import Messages

/// Keys of 2011 that everybody can sign with, and those that only look like another's.
@Suite struct LegacyModulusTests {
    /// Whose signature of "hello" holds.
    struct Key: Sendable {
        let modulus: String
        let signature: String

        func message() throws -> SignedMessage {
            try SignedMessage(signals: [
                "+end": Channel.tweets.end.hex, "+key": modulus, "+message": "hello", "+sig": signature,
            ])
        }
    }

    static let sound = Key(
        modulus: "e0c4cd6be50d7a9b4b515022a057a73e5539d1722326affe4a3c44029204f920"
            + "468c37b240c0575066b7c3c073162a1a16e10cd11dfd84ef7f03974055d59f3f",
        signature: "4c68fdbe05b2eb329e81295f1360c72d29d215de19144955f6373d6acd70f02d"
            + "d8385cff0ef521dbb1eabe9f46b0a5675eaea87cd0a2d17358ffec5de66eaf76")

    static let weak = [
        // A prime.
        Key(
            modulus: "eca5b9581984ac98f0bf5114b021a93698a7ce34d75c79f9fe90837673d5b732"
                + "162fa34737e8cd9bf189d3dd358a8163f0bed7df6fa31c5ee9f66460ba915881",
            signature: "5ee1d05acd584f25b8465592d1451a28a1bcd4e6467c590cac6e2caadfdac170"
                + "746bde13ab9de0c12fc5949d71a929f8eea7ea5563626e8b16ef75cd90953a1"),
        // Three times a prime.
        Key(
            modulus: "930ceb0af0464af045197a8f87e7ae30a35950bec7b2ca122fb6311800497c4f"
                + "2816d49921bfb74317ea12374bf47a9c9592e1a74ae7ee6e0fc13b6637a2eaa7",
            signature: "492d5f6bdb39fce2af50d0fc10d4005cc81be789596c392769e32a13c5ff43d8"
                + "48c8343518c06b3b909eb92839f8acbbfa1847ca1cc1869d9e16cec7117d1cfe"),
        // 65,521 times a prime.
        Key(
            modulus: "f928da830d0b510522c9c615fe16a7e434244e4b55e7d4d4e877b277bcd1a4c1"
                + "69bf1593f81db7d2721fd2d572b50c75549d86e60d0031bbeaaf0196655a82e3",
            signature: "d2eb27c9823aefaf9d30bb6bb8c22bfca08ab2557a5d94c9941d6e397798d926"
                + "31fee5271e6eddb0b97b4de10cccf0e278e300ea1429943a98b6e2b13954ad16"),
    ]

    @Test(arguments: weak)
    func modulusThatIsPrimeOrHasASmallFactor_isRefused_thoughTheSignatureHolds(key: Key) throws {
        let message = try key.message()
        #expect(
            LegacySignature.isValid(
                modulus: key.modulus, signature: key.signature, text: "hello", hashes: [.utf8]))
        for _ in 0..<2 { #expect(messageError { try message.checkSignature() }?.code == .keyWeak) }
        #expect(!message.isSignatureValid())
    }

    @Test func soundModulus_isTaken() throws {
        #expect(throws: Never.self) { try Self.sound.message().checkSignature() }
    }

    @Test func wrongSignature_isSaidToBeWrong_whateverTheKey() throws {
        let message = try Key(modulus: Self.weak[0].modulus, signature: Self.weak[0].modulus.dropLast() + "").message()
        #expect(messageError { try message.checkSignature() }?.code == .signatureWrong)
    }

    /// Anybody can choose the digits of a modulus: only the hash of all of them tells two authors apart.
    @Test func keysThatDifferInTheirMiddleOnly_areShownDifferently() throws {
        let digits = Self.sound.modulus
        let like = digits.prefix(60) + "3" + digits.dropFirst(61)
        #expect(like != digits)
        let (key, other) = (try PublicKey(digits), try PublicKey(String(like)))
        #expect(key.short != other.short && key.likeness != other.likeness)
        #expect(!key.short.hasPrefix(digits.prefix(6)))
        #expect(key.short.count == 11)
        let modern = try PublicKey("ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        #expect(modern.short == "11qYAY…HURo")
    }
}
