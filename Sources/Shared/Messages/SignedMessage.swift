import TelehashWire

/// A signed message: a set of Telehash signals, checked for everything that is cheap to check. Whether the signature
/// holds is asked apart, with ``isSignatureValid()``.
///
/// It holds its signals as they travel, and the parts that everybody asks for beside them.
package struct SignedMessage: Hashable, Sendable {
    /// SHA-256 of the canonical bytes.
    package let id: MessageID
    /// The author.
    package let key: PublicKey
    /// Where it is published: the hash of its channel's name.
    package let end: NodeID
    /// What it says. Ed25519: 1 byte or more without control characters other than newline and tab. 2011: any text, the
    /// empty one and control characters included, so show it with care.
    package let text: String
    /// The author's clock in milliseconds since 1970, 0 to 2^53; nil in 2011 messages, which have none.
    package let at: Int64?
    /// Every signal as it travels, `+sig` included.
    package let signals: Signals

    package var scheme: Scheme { key.scheme }

    /// The value of `+sig`.
    package var signature: String { signals[SignalKey.sig] ?? "" }

    /// From the signals of a telex. All cheap checks are made: shape, spelling, sizes, rules for the text; the
    /// signature is not checked.
    ///
    /// Of a 2011 message `+end`, `+key`, `+message` and `+sig` are kept and every other signal is dropped, because its
    /// signature covers none of them; its numbers are brought to one spelling (lower case, no leading zeros). Of an
    /// Ed25519 message every signal is kept, and every value must be in its one spelling already.
    ///
    /// - Throws: a ``MessageError`` whose code says what is wrong.
    package init(signals: Signals) throws(MessageError) {
        let isModern = signals[SignalKey.key].map(PublicKey.isEd25519) ?? false
        try self.init(canonical: isModern ? signals : SignedMessage.normalizedLegacy(signals))
    }

    /// The four signals of a 2011 message in their one spelling.
    private static func normalizedLegacy(_ signals: Signals) throws(MessageError) -> Signals {
        var kept = Signals(sorted: signals.filter { SignalKey.legacy.contains($0.key) })
        for name in [SignalKey.key, SignalKey.sig, SignalKey.message, SignalKey.end] where kept[name] == nil {
            throw .missing(name)
        }
        guard signals.allSatisfy({ $0.key.utf8.first == UInt8(ascii: "+") }) else {
            throw MessageError(.signalMalformed, "the name of a signal begins with +")
        }
        let key = try PublicKey(kept[SignalKey.key] ?? "").text
        guard let signature = Hex.normalizedNumber(kept[SignalKey.sig] ?? "") else { throw LegacySignature.malformed }
        if !key.utf8.elementsEqual((kept[SignalKey.key] ?? "").utf8) { kept[SignalKey.key] = key }
        if !signature.utf8.elementsEqual((kept[SignalKey.sig] ?? "").utf8) { kept[SignalKey.sig] = signature }
        return kept
    }

    // The signals are everything; texts that only look equal differ there.
    package static func == (a: Self, b: Self) -> Bool { a.id == b.id && a.signals == b.signals }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension SignedMessage {
    /// The one way in for what others say: everything that makes a message is checked here.
    init(canonical signals: Signals) throws(MessageError) {
        guard signals.count <= MessageLimits.signals else {
            throw MessageError(
                .tooManySignals, "\(signals.count) signals; a message has at most \(MessageLimits.signals)")
        }
        for signal in signals { try SignalKey.check(signal.key) }
        guard let author = signals[SignalKey.key] else { throw .missing(SignalKey.key) }
        guard let text = signals[SignalKey.message] else { throw .missing(SignalKey.message) }
        guard let place = signals[SignalKey.end] else { throw .missing(SignalKey.end) }
        guard let signature = signals[SignalKey.sig] else { throw .missing(SignalKey.sig) }
        key = try PublicKey(canonical: author)
        guard let end = NodeID(lowerCaseHex: place) else {
            throw MessageError(.endMalformed, "+end is exactly 40 lower-case hex digits")
        }
        switch key.scheme {
        case .ed25519:
            at = try Ed25519.checkFields(at: signals[SignalKey.at], signature: signature)
            try TextRules.check(text)
        case .legacy:
            guard signals.count == SignalKey.legacy.count else {
                throw MessageError(.signalMalformed, "a 2011 message has no signals but +end, +key, +message and +sig")
            }
            try LegacySignature.check(signature: signature, modulus: author)
            at = nil
        }
        try TelexSize.check(signals)
        self.end = end
        self.text = text
        self.signals = signals
        id = MessageID(ofCanonical: CanonicalBytes.of(signals))
    }

    /// A message that was checked before, when its id was computed, and kept with it where no stranger could change either:
    /// in the store of this process, or in what a receiver of the same node reads from it. Nothing is checked or hashed again.
    ///
    /// - Returns: nil when it cannot be read, as after bit rot.
    package init?(trusting id: MessageID, encoded: some Collection<UInt8>) {
        guard let signals = try? Signals(encoded: encoded), let author = signals[SignalKey.key],
            let text = signals[SignalKey.message], let end = signals[SignalKey.end].flatMap(NodeID.init(hex:))
        else { return nil }
        self.id = id
        self.end = end
        self.text = text
        self.signals = signals
        key = PublicKey(checked: author)
        at = signals[SignalKey.at].flatMap { DecimalText.milliseconds($0.utf8) }
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

    /// What a 2011 message has.
    static let legacy = [end, key, message, sig]

    /// Printable ASCII only, so that equal names are equal bytes everywhere (Swift compares texts by canonical
    /// equivalence, Perl and JavaScript do not).
    static func check(_ key: String) throws(MessageError) {
        let isGood =
            (2...MessageLimits.signalKeyBytes).contains(key.utf8.count) && key.utf8.first == UInt8(ascii: "+")
            && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard isGood else {
            throw MessageError(
                .signalMalformed,
                "the name of a signal is + and up to \(MessageLimits.signalKeyBytes - 1) printable ASCII characters")
        }
    }
}

extension MessageError {
    static func missing(_ name: String) -> MessageError {
        MessageError(.missingSignal, "the signal \(name) is missing")
    }
}
