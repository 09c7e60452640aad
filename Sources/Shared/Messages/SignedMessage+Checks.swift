extension SignedMessage {
    /// Whether the signature holds: the dear check, tens of microseconds.
    ///
    /// Ed25519: over all signals. 2011: the RSA block must be exactly `00 01 ff … ff 00` and the SHA-1 of the text, taken
    /// either as the JavaScript of 2011 did (UTF-16 units) or as PHP did (UTF-8), and the key no number that everybody can
    /// sign with.
    ///
    /// - Throws: `signature_wrong`, `key_weak`.
    package func checkSignature() throws(MessageError) {
        switch scheme {
        case .ed25519:
            guard let key = key.ed25519Bytes,
                let signature = Base64URL.decode(signature.utf8.span, count: Ed25519.signatureBytes),
                Ed25519.isValid(key: key, signature: signature, over: canonicalBytes())
            else { throw .signatureWrong }
        case .legacy: try LegacySignature.check(modulus: key.text, signature: signature, text: text)
        }
    }

    /// The same as a word.
    package func isSignatureValid() -> Bool { (try? checkSignature()) != nil }

    /// Whether the author's time can be: at most 15 minutes ahead of `now`. 2011 messages have none and always pass.
    ///
    /// - Parameter now: the reader's clock, milliseconds since 1970.
    /// - Throws: `at_in_future`, with the number of seconds.
    package func checkTime(now: Int64) throws(MessageError) {
        guard let at else { return }
        let (ahead, overflow) = at.subtractingReportingOverflow(now)
        guard overflow || ahead > MessageLimits.aheadMilliseconds else { return }
        let seconds = overflow ? Int64.max / 1000 : ahead / 1000
        throw MessageError(
            .atInFuture,
            "the author's time is \(seconds) seconds ahead; at most "
                + "\(MessageLimits.aheadMilliseconds / 1000) are accepted: check both clocks")
    }
}

extension MessageError {
    static let signatureWrong = MessageError(
        .signatureWrong, "the signature does not belong to this message and key")
}
