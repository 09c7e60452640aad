import BigInt

/// The private half of a 2011 key: RSA with 512 bits.
package struct LegacyIdentity: PrivateKey, Sendable {
    package let publicKey: PublicKey
    let privateExponent: UInt512
    private let field: Montgomery512

    /// Bits of each prime. With their two top bits set the modulus has exactly twice as many.
    static let primeBits = 256

    /// Rounds of Miller-Rabin with random bases. The worst composite passes with a chance of 4^-12, a random one far more
    /// rarely, and a key with a wrong prime would fail its own test.
    static let primeRounds = 12

    /// - Parameters:
    ///   - modulus: hex digits of 505 to 512 bits.
    ///   - privateExponent: hex digits of a number below the modulus.
    /// - Throws: `private_key_malformed`, also where the two exponents do not undo each other.
    init(modulus: String, privateExponent: String) throws(KeyError) {
        do { publicKey = try PublicKey(modulus) } catch { throw KeyError(.malformed, error.message) }
        guard publicKey.scheme == .legacy,
            let field = UInt512(hexDigits: publicKey.text.utf8.span).flatMap(Montgomery512.init(modulus:)),
            let exponent = UInt512(hexDigits: privateExponent.utf8.span), exponent < field.modulus
        else { throw KeyError(.malformed, "a 2011 key has a modulus and a private exponent, each as hex digits") }
        self.privateExponent = exponent
        self.field = field
        guard LegacyModulus.isSound(publicKey.text, field) else {
            throw KeyError(.malformed, LegacySignature.weakKey.message)
        }
        guard undoesItself else { throw KeyError(.malformed, "the exponent does not belong to the modulus") }
    }

    static func generate() -> LegacyIdentity {
        var random = SystemRandomNumberGenerator()
        let exponent = BigUInt(LegacySignature.publicExponent)
        while true {
            let p = prime(using: &random)
            let q = prime(using: &random)
            guard p != q, let d = exponent.inverse((p - 1) * (q - 1)) else { continue }
            // The loop also ends only with a key that passes its own test.
            let (modulus, privateExponent) = (String(p * q, radix: 16), String(d, radix: 16))
            if let identity = try? LegacyIdentity(modulus: modulus, privateExponent: privateExponent) {
                return identity
            }
        }
    }

    /// A prime p with its two top bits set, and p - 1 not divisible by the public exponent.
    private static func prime(using random: inout some RandomNumberGenerator) -> BigUInt {
        while true {
            var candidate = BigUInt.randomInteger(withExactWidth: primeBits, using: &random)
            candidate |= (BigUInt(1) << (primeBits - 2)) | 1
            let remainder = candidate % BigUInt(LegacySignature.publicExponent)
            if remainder != 1, candidate.isPrime(rounds: primeRounds) { return candidate }
        }
    }

    /// Signs the text as client.js did, so that its readers show it: SHA-1 over UTF-16 units.
    ///
    /// - Returns: lower-case hex digits without leading zeros.
    /// - Throws: `signature_wrong` where the result does not verify: a wrong result would give the key away.
    func signature(over text: String) throws(MessageError) -> String {
        let block = UInt512(bigEndian: LegacySignature.block(of: LegacyHash.utf16Units.digest(of: text)))
        let signature = field.power(block, privateExponent)
        guard field.power(signature, UInt512(LegacySignature.publicExponent)) == block else {
            throw MessageError(.signatureWrong, "the key could not sign")
        }
        return signature.hex
    }

    private var undoesItself: Bool {
        let probe = UInt512(2)
        return field.power(field.power(probe, privateExponent), UInt512(LegacySignature.publicExponent)) == probe
    }
}
