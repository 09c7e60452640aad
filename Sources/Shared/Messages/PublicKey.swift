import Crypto
import TelehashWire

/// How a message is signed.
package enum Scheme: String, Hashable, Sendable, CaseIterable {
    /// Ed25519 (RFC 8032) over the canonical bytes: every signal is covered.
    case ed25519
    /// The RSA of 2011: covers only the text, with SHA-1. Weak, and marked so wherever it is shown.
    case legacy = "2011"
}

/// An author, in the one spelling that travels as `+key`.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    static let ed25519Prefix = "ed25519:"
    static let ed25519Bytes = 32

    /// `ed25519:` and 43 characters of base64url, or 127 or 128 lower-case hex digits of an RSA modulus.
    package let text: String
    package let scheme: Scheme

    /// - Parameter text: an Ed25519 key in its canonical spelling, or a 2011 modulus as hex digits in any case, leading
    ///   zeros allowed; ``text`` is then lower case without them.
    /// - Throws: `key_malformed`: not canonical, a point that signs everything, or a modulus that is even or has other
    ///   than 505 to 512 bits.
    package init(_ text: String) throws(MessageError) {
        if PublicKey.isEd25519(text) {
            try self.init(canonical: text)
        } else {
            // A telex could not carry more, and nothing longer is worth reading.
            guard text.utf8.count <= MessageLimits.telexBytes, let number = Hex.normalizedNumber(text) else {
                throw PublicKey.neither
            }
            try self.init(canonical: number)
        }
    }

    /// From a text that was checked before.
    init(checked text: String) {
        self.text = text
        scheme = PublicKey.isEd25519(text) ? .ed25519 : .legacy
    }

    /// From a text that must already be in its one spelling.
    init(canonical text: String) throws(MessageError) {
        if PublicKey.isEd25519(text) {
            guard let raw = PublicKey.bytes(ofEd25519: text) else {
                throw MessageError(
                    .keyMalformed,
                    "an Ed25519 key is ed25519: and 43 characters of canonical base64url without padding")
            }
            try Ed25519.check(publicKey: raw)
            scheme = .ed25519
        } else {
            guard Hex.isNormalizedNumber(text) else { throw PublicKey.neither }
            try LegacySignature.check(modulus: text.utf8.span)
            scheme = .legacy
        }
        self.text = text
    }

    /// Whether the text begins with `ed25519:`.
    static func isEd25519(_ text: String) -> Bool { text.utf8.starts(with: ed25519Prefix.utf8) }

    private static func bytes(ofEd25519 text: String) -> [UInt8]? {
        Base64URL.decode(text.utf8.span.extracting(droppingFirst: ed25519Prefix.utf8.count), count: ed25519Bytes)
    }

    /// From the 32 bytes of a key that was made here.
    init(ed25519 raw: some Collection<UInt8>) {
        text = PublicKey.ed25519Prefix + Base64URL.encode(raw)
        scheme = .ed25519
    }

    /// The 32 bytes of an Ed25519 key; nil for a 2011 modulus.
    package var ed25519Bytes: [UInt8]? {
        scheme == .ed25519 ? PublicKey.bytes(ofEd25519: text) : nil
    }

    /// By what people recognise the key: its digits; of a 2011 key, whose digits anybody can choose, those of its hash.
    package var likeness: String {
        switch scheme {
        case .ed25519: String(text.dropFirst(PublicKey.ed25519Prefix.utf8.count))
        case .legacy: Base64URL.encode(Array(SHA256.hash(data: Array(text.utf8))))
        }
    }

    /// Enough of its ``likeness``: `Yk3vQa…x9Qw`.
    package var short: String {
        let digits = likeness
        return "\(digits.prefix(6))…\(digits.suffix(4))"
    }

    package var description: String { text }

    private static let neither = MessageError(
        .keyMalformed, "a key is ed25519: and 43 characters of base64url, or the hex digits of a 2011 modulus")
}
