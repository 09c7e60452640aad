/// A signed message: a set of Telehash signals, checked for everything that is cheap to check. Whether the signature
/// holds is asked apart, with ``isSignatureValid()``.
///
/// It holds its binary form in one piece and the parts that everybody asks for beside it.
public struct SignedMessage: Hashable, Sendable {
    /// SHA-256 of the canonical bytes.
    public let id: MessageID
    /// The author.
    public let key: PublicKey
    /// Where it is published: the hash of its channel's name.
    public let end: EndHash
    /// What it says. Ed25519: 1 byte or more without control characters other than newline and tab. 2011: any text, the
    /// empty one and control characters included, so show it with care.
    public let text: String
    /// The author's clock in milliseconds since 1970, 0 to 2^53; nil in 2011 messages, which have none.
    public let at: Int64?

    /// The binary form; see ``encoded()``.
    let bytes: [UInt8]

    public var scheme: Scheme { key.scheme }

    /// From the signals of a telex. All cheap checks are made: shape, spelling, sizes, rules for the text; the
    /// signature is not checked.
    ///
    /// Of a 2011 message `+end`, `+key`, `+message` and `+sig` are kept and every other signal is dropped, because its
    /// signature covers none of them; its numbers are brought to one spelling (lower case, no leading zeros). Of an
    /// Ed25519 message every signal is kept, and every value must be in its one spelling already.
    ///
    /// - Throws: a ``MessageError`` whose code says what is wrong.
    public init(signals: [String: String]) throws(MessageError) {
        let isModern = signals[SignalKey.key].map { PublicKey.isEd25519($0.utf8.span) } ?? false
        let kept = isModern ? signals : try SignedMessage.normalizedLegacy(signals)
        try self.init(canonicalBytes: SignalEncoder.encode(kept))
    }

    /// The four signals of a 2011 message in their one spelling.
    private static func normalizedLegacy(_ signals: [String: String]) throws(MessageError) -> [String: String] {
        var kept: [String: String] = [:]
        for name in [SignalKey.key, SignalKey.sig, SignalKey.message, SignalKey.end] {
            guard let value = signals[name] else { throw .missing(name) }
            kept[name] = value
        }
        for name in signals.keys where !name.utf8.starts(with: [UInt8(ascii: "+")]) {
            throw MessageError(.signalMalformed, "the name of a signal begins with +")
        }
        kept[SignalKey.key] = try PublicKey(kept[SignalKey.key, default: ""]).text
        guard let signature = Hex.normalizedNumber(kept[SignalKey.sig, default: ""]) else {
            throw LegacySignature.malformed
        }
        kept[SignalKey.sig] = signature
        return kept
    }

    /// Every signal as it travels, `+sig` included. Made anew at each call: keep it where it is used more than once.
    public var signals: [String: String] {
        var reader = SignalReader(bytes)
        var signals: [String: String] = [:]
        signals.reserveCapacity(reader.count)
        while let place = reader.nextOfChecked() { signals[reader.text(place.key)] = reader.text(place.value) }
        return signals
    }

    /// The value of `+sig`.
    public var signature: String {
        var reader = SignalReader(bytes)
        while let place = reader.nextOfChecked() {
            if place.name == .sig { return reader.text(place.value) }
        }
        return ""
    }

    // The binary form has everything; texts that only look equal differ there.
    public static func == (a: Self, b: Self) -> Bool { a.id == b.id && a.bytes == b.bytes }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    init(id: MessageID, key: PublicKey, end: EndHash, text: String, at: Int64?, bytes: [UInt8]) {
        self.id = id
        self.key = key
        self.end = end
        self.text = text
        self.at = at
        self.bytes = bytes
    }
}

/// The names of our signals.
enum SignalKey {
    static let at = "+at"
    static let end = "+end"
    static let key = "+key"
    static let message = "+message"
    static let name = "+name"
    static let sig = "+sig"
}

extension MessageError {
    static func missing(_ name: String) -> MessageError {
        MessageError(.missingSignal, "the signal \(name) is missing")
    }
}
