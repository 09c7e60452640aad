extension SignedMessage {
    /// Whether the signature holds: the dear check, tens of microseconds.
    ///
    /// Ed25519: over all signals. 2011: the RSA block must be exactly `00 01 ff … ff 00` and the SHA-1 of the text, taken
    /// either as the JavaScript of 2011 did (UTF-16 units) or as PHP did (UTF-8).
    package func isSignatureValid() -> Bool {
        switch scheme {
        case .ed25519:
            guard let key = key.ed25519Bytes,
                let signature = Base64URL.decode(signature.utf8.span, count: Ed25519.signatureBytes)
            else { return false }
            return Ed25519.isValid(key: key, signature: signature, over: canonicalBytes())
        case .legacy:
            return LegacySignature.isValid(
                modulus: key.text, signature: signature, text: text, hashes: LegacyHash.allCases)
        }
    }

    /// The same as an error.
    ///
    /// - Throws: `signature_wrong`.
    package func checkSignature() throws(MessageError) {
        guard isSignatureValid() else {
            throw MessageError(.signatureWrong, "the signature does not belong to this message and key")
        }
    }
}
