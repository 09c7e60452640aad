import TelehashWire

extension Identity {
    private static let format = "p2pmsg-key 1"

    /// The private key as text, ending with a newline. Ed25519: the line `p2pmsg-key 1 ed25519` and a line with the 32
    /// bytes in base64url. 2011: `p2pmsg-key 1 2011` and the lines `n` and `d` with hex digits.
    package var exported: String {
        switch self {
        case .ed25519(let identity):
            "\(Identity.format) \(Scheme.ed25519.rawValue)\n\(Base64URL.encode(identity.seed))\n"
        case .legacy(let identity):
            """
            \(Identity.format) \(Scheme.legacy.rawValue)
            n \(identity.publicKey.text)
            d \(identity.privateExponent.hex)

            """
        }
    }

    /// From what ``exported`` wrote, or from the `./keys` of the programs of 2011: a JSON object whose `public` is the
    /// modulus and whose `private` is the exponent.
    ///
    /// - Throws: `private_key_malformed`.
    package static func imported(_ text: String) throws(KeyError) -> Identity {
        guard text.utf8.count <= MessageLimits.keyFileBytes else {
            throw KeyError(.malformed, "a private key has at most \(MessageLimits.keyFileBytes) bytes")
        }
        if text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") { return try importedOriginal(text) }
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard let first = lines.first else { throw KeyError(.malformed, "the private key is empty") }
        guard let scheme = Scheme.allCases.first(where: { first == "\(format) \($0.rawValue)" }) else {
            throw KeyError(
                .malformed,
                "the first line of a private key is \"\(format) ed25519\" or \"\(format) 2011\"")
        }
        switch scheme {
        case .ed25519:
            guard lines.count == 2, let seed = Base64URL.decode(lines[1].utf8.span, count: 32),
                let identity = Ed25519Identity(seed: seed)
            else { throw KeyError(.malformed, "the second line of an Ed25519 key is 43 characters of base64url") }
            return .ed25519(identity)
        case .legacy:
            var numbers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: " ").map(String.init)
                guard parts.count == 2, numbers.updateValue(parts[1], forKey: parts[0]) == nil else {
                    throw KeyError(.malformed, "a 2011 key has the lines n and d, each with hex digits")
                }
            }
            return try legacy(modulus: numbers["n"], privateExponent: numbers["d"])
        }
    }

    private static func importedOriginal(_ text: String) throws(KeyError) -> Identity {
        let numbers: (modulus: String?, exponent: String?)
        do throws(MessageError) {
            let key = try JSONObject(reading: Array(text.utf8))
            numbers = (try key.string("public"), try key.string("private"))
        } catch {
            throw KeyError(.malformed, error.message)
        }
        return try legacy(modulus: numbers.modulus, privateExponent: numbers.exponent)
    }

    private static func legacy(modulus: String?, privateExponent: String?) throws(KeyError) -> Identity {
        guard let modulus, let privateExponent else {
            throw KeyError(.malformed, "a 2011 key has a modulus and a private exponent, each as hex digits")
        }
        return .legacy(try LegacyIdentity(modulus: modulus, privateExponent: privateExponent))
    }
}
