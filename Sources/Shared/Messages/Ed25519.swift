import Crypto

/// Ed25519 (RFC 8032) through swift-crypto, with one spelling for everything.
enum Ed25519 {
    static let signatureBytes = 64

    /// The y of the points of small order, little-endian, without the sign of x. With such a key one signature holds for
    /// every text, so it is nobody's.
    private static let smallOrder: [SIMD4<UInt64>] = [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
        [0xb027_b2c2_8f95_e826, 0xf098_eff2_89f4_c345, 0x3933_c6d3_05ac_dfd5, 0x05fc_536d_8802_38b1],
        [0x4fd8_4d3d_706a_17c7, 0x0f67_100d_760b_3cba, 0xc6cc_392c_fa53_202a, 0x7a03_ac92_77fd_c74e],
        [0xffff_ffff_ffff_ffec, 0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x7fff_ffff_ffff_ffff],
    ]

    /// - Parameter publicKey: 32 bytes.
    /// - Throws: `key_malformed` for a y of 2^255 − 19 or more, which would be a second spelling, and for points of small
    ///   order.
    static func check(publicKey: [UInt8]) throws(MessageError) {
        var words = SIMD4<UInt64>()
        guard publicKey.count == PublicKey.ed25519Bytes else {
            throw MessageError(.keyMalformed, "an Ed25519 key has \(PublicKey.ed25519Bytes) bytes")
        }
        publicKey.withUnsafeBytes { bytes in
            for index in 0..<4 {
                words[index] = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
        }
        words[3] &= .max >> 1
        let isCanonical =
            words[3] != .max >> 1 || words[2] != .max || words[1] != .max || words[0] < 0xffff_ffff_ffff_ffed
        guard isCanonical else {
            throw MessageError(.keyMalformed, "the Ed25519 key is not written canonically")
        }
        guard !smallOrder.contains(words) else {
            throw MessageError(.keyMalformed, "the Ed25519 key is a point of small order, which anybody can sign for")
        }
    }

    /// The author's time, after the spelling of `+at` and `+sig` was checked.
    static func checkFields(at: String?, signature: String) throws(MessageError) -> Int64 {
        guard let at else { throw .missing(SignalKey.at) }
        guard let time = DecimalText.milliseconds(at.utf8) else {
            throw MessageError(
                .atMalformed, "+at is milliseconds since 1970 as decimal digits, without leading zeros, up to 2^53")
        }
        guard Base64URL.decode(signature.utf8.span, count: signatureBytes) != nil else {
            throw MessageError(
                .signatureMalformed, "an Ed25519 signature is 86 characters of canonical base64url without padding")
        }
        return time
    }

    /// Whether the signature of a checked message holds.
    static func isValid(key: [UInt8], signature: [UInt8], over message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}
