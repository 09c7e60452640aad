import TelehashWire

/// The bytes that are signed (Ed25519) and hashed to the id (both schemes): the tag `p2pmsg:1` and a zero byte, then for
/// every covered signal but `+sig`, sorted by the bytes of its key: length of the key as u32, key, length of the value as
/// u32, value. Integers are big-endian.
enum CanonicalBytes {
    private static let tag: [UInt8] = Array("p2pmsg:1\0".utf8)

    /// - Parameter signals: all of them are covered.
    static func of(_ signals: Signals) -> [UInt8] {
        var canonical: [UInt8] = []
        canonical.reserveCapacity(signals.reduce(tag.count) { $0 + 8 + $1.key.utf8.count + $1.value.utf8.count })
        canonical.append(contentsOf: tag)
        for signal in signals where signal.key != SignalKey.sig {
            append(signal.key, to: &canonical)
            append(signal.value, to: &canonical)
        }
        return canonical
    }

    private static func append(_ text: String, to canonical: inout [UInt8]) {
        let count = UInt32(clamping: text.utf8.count)
        for shift: UInt32 in [24, 16, 8, 0] { canonical.append(UInt8(truncatingIfNeeded: count >> shift)) }
        canonical.append(contentsOf: text.utf8)
    }
}

extension SignedMessage {
    /// The bytes that the signature of an Ed25519 message covers and whose SHA-256 is the id of any message.
    ///
    /// Of a 2011 message (whose `+key` does not begin with `ed25519:`) only `+end`, `+key` and `+message` are covered, the
    /// key in its one spelling. Nothing is checked: a malformed key is taken as it is.
    package static func canonicalBytes(of signals: Signals) -> [UInt8] {
        let key = signals[SignalKey.key] ?? ""
        guard !PublicKey.isEd25519(key) else { return CanonicalBytes.of(signals) }
        var covered = Signals(sorted: signals.filter { SignalKey.legacy.contains($0.key) })
        if let number = Hex.normalizedNumber(key) { covered[SignalKey.key] = number }
        return CanonicalBytes.of(covered)
    }

    /// The bytes whose SHA-256 is ``id``.
    package func canonicalBytes() -> [UInt8] { CanonicalBytes.of(signals) }
}
