import TelehashWire

/// The signing of 2011: the SHA-1 of the text in a PKCS#1 v1.5 block of type 1 without DigestInfo, raised by RSA. The
/// public exponent is 65537 and never sent. telehash-v1.md, part B, section 12.
///
/// It is weak: 512 bits can be factored, SHA-1 collides, only the text is covered, and texts whose hash inputs are the same
/// bytes ("€" and " ¬") share a signature.
enum LegacySignature {
    static let publicExponent: UInt64 = 65537

    /// 64 bytes: 00 01, 41 times ff, 00, then the digest.
    static func block(of digest: [UInt8]) -> [UInt8] {
        [0x00, 0x01] + [UInt8](repeating: 0xff, count: 64 - 3 - digest.count) + [0x00] + digest
    }

    /// - Throws: `signature_wrong`; `key_weak`, where it holds.
    static func check(modulus: String, signature: String, text: String) throws(MessageError) {
        guard isValid(modulus: modulus, signature: signature, text: text, hashes: LegacyHash.allCases) else {
            throw .signatureWrong
        }
        // After it, because it costs more.
        guard let field = field(modulus), LegacyModulus.isSound(modulus, field) else { throw weakKey }
    }

    static let weakKey = MessageError(
        .keyWeak, "the modulus of this 2011 key is prime or has a small factor, so that everybody can sign with it")

    private static func field(_ modulus: String) -> Montgomery512? {
        UInt512(hexDigits: modulus.utf8.span).flatMap(Montgomery512.init(modulus:))
    }

    /// Whether the block under the signature is exactly right for the text, by any of these hashes. False also for
    /// anything that is not a number in hex, in any case and with or without leading zeros, and for a signature that is
    /// not below the modulus.
    static func isValid(modulus: String, signature: String, text: String, hashes: [LegacyHash]) -> Bool {
        guard let field = field(modulus), let number = UInt512(hexDigits: signature.utf8.span), number < field.modulus
        else { return false }
        let recovered = field.power(number, UInt512(publicExponent))
        return hashes.contains { recovered == UInt512(bigEndian: block(of: $0.digest(of: text))) }
    }

    /// - Parameter modulus: lower-case hex digits without leading zeros.
    /// - Throws: `key_malformed`.
    static func check(modulus: Span<UInt8>) throws(MessageError) {
        guard !modulus.isEmpty, let first = Hex.value(of: modulus[0]),
            let last = Hex.value(of: modulus[modulus.count - 1])
        else { throw MessageError(.keyMalformed, "a 2011 modulus is hex digits") }
        let bits = modulus.count * 4 - (first.leadingZeroBitCount - 4)
        guard MessageLimits.legacyModulusBits.contains(bits) else {
            throw MessageError(
                .keyMalformed,
                "a 2011 modulus has \(MessageLimits.legacyModulusBits.lowerBound) to "
                    + "\(MessageLimits.legacyModulusBits.upperBound) bits; this one has \(bits)")
        }
        guard last & 1 == 1 else { throw MessageError(.keyMalformed, "a 2011 modulus is odd") }
    }

    /// - Parameters:
    ///   - signature: must be lower-case hex digits without leading zeros, below the modulus.
    ///   - modulus: checked before.
    /// - Throws: `signature_malformed`.
    static func check(signature: String, modulus: String) throws(MessageError) {
        guard Hex.isNormalizedNumber(signature) else { throw malformed }
        // Without leading zeros the shorter number is the smaller, and digits sort as their values do.
        guard (signature.utf8.count, signature) < (modulus.utf8.count, modulus) else {
            throw MessageError(.signatureMalformed, "a 2011 signature is a number below the modulus")
        }
    }

    static let malformed = MessageError(.signatureMalformed, "a 2011 signature is hex digits, and not zero")
}
