/// The bytes that are signed (Ed25519) and hashed to the id (both schemes): the tag `p2pmsg:1` and a zero byte, then for
/// every covered signal but `+sig`, sorted by the bytes of its key: length of the key as u32, key, length of the value as
/// u32, value. Integers are big-endian.
enum CanonicalBytes {
    static let tag: [UInt8] = Array("p2pmsg:1\0".utf8)

    /// From a checked binary form, which has the same order.
    static func of(checked bytes: [UInt8]) -> [UInt8] {
        var canonical: [UInt8] = []
        canonical.reserveCapacity(tag.count + bytes.count + 4 * MessageLimits.signals)
        canonical.append(contentsOf: tag)
        var reader = SignalReader(bytes)
        while let place = reader.nextOfChecked() {
            if place.name == .sig { continue }
            append(bytes[place.key], to: &canonical)
            append(bytes[place.value], to: &canonical)
        }
        return canonical
    }

    static func append(_ field: some Collection<UInt8>, to canonical: inout [UInt8]) {
        let count = UInt32(clamping: field.count)
        for shift: UInt32 in [24, 16, 8, 0] { canonical.append(UInt8(truncatingIfNeeded: count >> shift)) }
        canonical.append(contentsOf: field)
    }
}

extension SignedMessage {
    /// The bytes that the signature of an Ed25519 message covers and whose SHA-256 is the id of any message.
    ///
    /// Of a 2011 message (whose `+key` does not begin with `ed25519:`) only `+end`, `+key` and `+message` are covered, the
    /// key in its one spelling. Nothing is checked: a malformed key is taken as it is.
    public static func canonicalBytes(of signals: [String: String]) -> [UInt8] {
        var covered = signals
        covered[SignalKey.sig] = nil
        let key = signals[SignalKey.key] ?? ""
        if !PublicKey.isEd25519(key.utf8.span) {
            covered = covered.filter { [SignalKey.end, SignalKey.key, SignalKey.message].contains($0.key) }
            if covered[SignalKey.key] != nil { covered[SignalKey.key] = Hex.normalizedNumber(key) ?? key }
        }
        var canonical = CanonicalBytes.tag
        for (key, value) in covered.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            CanonicalBytes.append(key.utf8, to: &canonical)
            CanonicalBytes.append(value.utf8, to: &canonical)
        }
        return canonical
    }

    /// The bytes whose SHA-256 is ``id``.
    public func canonicalBytes() -> [UInt8] { CanonicalBytes.of(checked: bytes) }
}
