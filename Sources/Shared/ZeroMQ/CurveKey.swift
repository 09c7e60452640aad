import CZeroMQ

/// A public key of CURVE: 32 bytes, written as 40 characters of Z85 (ZeroMQ's RFC 32).
///
/// Z85 has characters that mean something to shells and configuration files, `#` and `$` among them, but neither white
/// space nor quotes nor commas: between single quotes every key is safe.
package struct CurveKey: Hashable, Sendable, LosslessStringConvertible {
    /// Characters of a key as text.
    package static let characters = 40

    /// 32 bytes.
    package let bytes: [UInt8]

    /// - Parameter text: 40 characters of Z85; nil for anything else, and for a second spelling of a key.
    package init?(_ text: String) {
        guard let bytes = Z85.decode(text) else { return nil }
        self.bytes = bytes
    }

    /// - Parameter bytes: 32 of them, else nil.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Z85.keyBytes else { return nil }
        self.bytes = Array(bytes)
    }

    package var description: String { Z85.encode(bytes) }
}

/// A key pair of CURVE. The secret half leaves it only as ``exportedSecret``; no description shows it.
package struct CurveKeyPair: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    package let publicKey: CurveKey
    /// 32 bytes.
    let secret: [UInt8]

    /// A new pair from the system's random numbers.
    ///
    /// - Throws: `curveUnavailable`.
    package static func generate() throws(ZeroMQError) -> CurveKeyPair {
        try Curve.require()
        var publicText = [CChar](repeating: 0, count: CurveKey.characters + 1)
        var secretText = publicText
        guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .last("can't make a key pair") }
        return try CurveKeyPair(secret: Z85.text(secretText))
    }

    /// The pair of a secret key.
    ///
    /// - Parameter text: 40 characters of Z85, as ``exportedSecret`` gives them.
    /// - Throws: `keyMalformed`, which doesn't repeat the text; `curveUnavailable`.
    package init(secret text: String) throws(ZeroMQError) {
        try Curve.require()
        guard let secret = Z85.decode(text) else {
            throw ZeroMQError(.keyMalformed, "a secret CURVE key is \(CurveKey.characters) characters of Z85")
        }
        var publicText = [CChar](repeating: 0, count: CurveKey.characters + 1)
        guard zmq_curve_public(&publicText, text) == 0, let publicKey = CurveKey(Z85.text(publicText)) else {
            throw .last("can't derive a public key")
        }
        self.secret = secret
        self.publicKey = publicKey
    }

    /// The secret half, 40 characters of Z85: for a file that only its owner can read.
    package var exportedSecret: String { Z85.encode(secret) }

    package var description: String { "the key pair of \(publicKey)" }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}

/// The text form of keys.
enum Z85 {
    static let keyBytes = 32

    static func encode(_ bytes: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: bytes.count / 4 * 5 + 1)
        guard zmq_z85_encode(&buffer, bytes, bytes.count) != nil else { return "" }
        return text(buffer)
    }

    /// 32 bytes, or nil.
    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count == CurveKey.characters, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: keyBytes)
        guard zmq_z85_decode(&bytes, text) != nil, encode(bytes) == text else { return nil }
        return bytes
    }

    static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
