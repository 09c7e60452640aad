import Crypto
import TelehashWire

/// An author's private key: what signs.
package enum Identity: PrivateKey, Sendable {
    case ed25519(Ed25519Identity)
    case legacy(LegacyIdentity)

    /// A new identity from the system's random generator. A 2011 one takes some tens of milliseconds.
    package static func generate(_ scheme: Scheme) -> Identity {
        switch scheme {
        case .ed25519: .ed25519(Ed25519Identity())
        case .legacy: .legacy(LegacyIdentity.generate())
        }
    }

    package var publicKey: PublicKey {
        switch self {
        case .ed25519(let identity): identity.publicKey
        case .legacy(let identity): identity.publicKey
        }
    }

    package var scheme: Scheme { publicKey.scheme }

    /// Signs a text for a channel.
    ///
    /// - Parameters:
    ///   - text: 1 byte or more, not blanks alone, without control characters other than newline and tab, for both schemes.
    ///   - at: the author's clock, milliseconds since 1970; 2011 messages have none and ignore it.
    ///   - extra: further signals, `+name` and value, covered by the signature; none for a 2011 message.
    /// - Throws: a ``MessageError``; `text_too_long` says by how many bytes.
    package func sign(
        _ text: String, channel: Channel, at: Int64, extra: Signals = [:]
    ) throws(MessageError) -> SignedMessage {
        try TextRules.check(text)
        var signals = extra
        let ours = [SignalKey.at, SignalKey.end, SignalKey.key, SignalKey.message, SignalKey.sig]
        if let taken = ours.first(where: { extra[$0] != nil }) {
            throw MessageError(.signalMalformed, "\(taken) is not a further signal")
        }
        signals[SignalKey.end] = channel.end.hex
        signals[SignalKey.key] = publicKey.text
        signals[SignalKey.message] = text
        switch self {
        case .ed25519(let identity):
            signals[SignalKey.at] = String(at)
            signals[SignalKey.sig] = try identity.signature(over: SignedMessage.canonicalBytes(of: signals))
        case .legacy(let identity):
            guard extra.isEmpty else {
                throw MessageError(.signalMalformed, "the signature of a 2011 message covers no further signals")
            }
            signals[SignalKey.sig] = try identity.signature(over: text)
        }
        return try SignedMessage(signals: signals)
    }
}

/// The private half of an Ed25519 key.
package struct Ed25519Identity: PrivateKey, Sendable {
    private let key: Curve25519.Signing.PrivateKey
    package let publicKey: PublicKey

    init() {
        self.init(key: Curve25519.Signing.PrivateKey())
    }

    /// - Parameter seed: 32 bytes (RFC 8032's private key); nil for any other count.
    init?(seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        self.init(key: key)
    }

    private init(key: Curve25519.Signing.PrivateKey) {
        self.key = key
        publicKey = PublicKey(ed25519: key.publicKey.rawRepresentation)
    }

    var seed: [UInt8] { Array(key.rawRepresentation) }

    /// - Throws: `signature_wrong` where the library refuses to sign, which it does for no key of ours.
    func signature(over canonical: [UInt8]) throws(MessageError) -> String {
        guard let signature = try? key.signature(for: canonical) else {
            throw MessageError(.signatureWrong, "the key could not sign")
        }
        return Base64URL.encode(signature)
    }
}
