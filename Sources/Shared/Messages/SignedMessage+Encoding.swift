extension SignedMessage {
    /// The binary form: the count of signals as u16, then for each, sorted by the bytes of its key: length of the key as
    /// u16, key, length of the value as u16, value. Integers are big-endian. At most ``MessageLimits/encodedBytes``.
    public func encoded() -> [UInt8] { bytes }

    /// From what ``encoded()`` wrote. The bytes may be anybody's: the checks are those of ``init(signals:)``, and only the
    /// form that ``encoded()`` writes is accepted.
    public init(encoded: some Collection<UInt8>) throws(MessageError) {
        guard encoded.count <= MessageLimits.encodedBytes else {
            throw MessageError(
                .telexTooLong, "\(encoded.count) bytes; a message has at most \(MessageLimits.encodedBytes)")
        }
        try self.init(canonicalBytes: Array(encoded))
    }

    /// The one way in: everything that makes a message is checked here.
    init(canonicalBytes bytes: [UInt8]) throws(MessageError) {
        var fields = SignalFields()
        var reader = SignalReader(bytes)
        while let place = try reader.next() { try fields.take(place, of: bytes) }

        guard let keyRange = fields.key else { throw .missing(SignalKey.key) }
        guard let messageRange = fields.message else { throw .missing(SignalKey.message) }
        guard let endRange = fields.end else { throw .missing(SignalKey.end) }
        guard let signatureRange = fields.signature else { throw .missing(SignalKey.sig) }
        let key = try PublicKey(canonical: bytes.span.extracting(keyRange))
        guard let end = EndHash(hexDigits: bytes.span.extracting(endRange)) else {
            throw MessageError(.endMalformed, "+end is exactly 40 lower-case hex digits")
        }
        guard let text = String(validating: bytes[messageRange], as: UTF8.self) else {
            throw MessageError(.textNotUTF8, "the text is not UTF-8")
        }
        var at: Int64?
        switch key.scheme {
        case .ed25519:
            at = try Ed25519.checkFields(fields, of: bytes)
            try TextRules.check(bytes.span.extracting(messageRange))
        case .legacy:
            guard fields.others == 0, fields.at == nil else {
                throw MessageError(.signalMalformed, "a 2011 message has no signals but +end, +key, +message and +sig")
            }
            try LegacySignature.check(
                signature: bytes.span.extracting(signatureRange), modulus: bytes.span.extracting(keyRange))
        }
        try fields.checkSize(of: bytes)
        self.init(
            id: MessageID(ofCanonical: CanonicalBytes.of(checked: bytes)), key: key, end: end, text: text, at: at,
            bytes: bytes)
    }
}

/// Where our signals lie in the binary form, and how many others there are.
struct SignalFields {
    var at: Range<Int>?
    var end: Range<Int>?
    var key: Range<Int>?
    var message: Range<Int>?
    var signature: Range<Int>?
    var others = 0
    /// Bytes of the telex that carries these signals.
    private var telexBytes = MessageLimits.telexHeaderBytes

    mutating func take(_ place: SignalReader.Place, of bytes: [UInt8]) throws(MessageError) {
        telexBytes += TelexSize.bytes(
            ofKey: bytes.span.extracting(place.key), value: bytes.span.extracting(place.value))
        switch place.name {
        case .at: at = place.value
        case .end: end = place.value
        case .key: key = place.value
        case .message: message = place.value
        case .sig: signature = place.value
        case nil:
            guard String(validating: bytes[place.value], as: UTF8.self) != nil else {
                throw MessageError(.signalMalformed, "the value of a signal is not UTF-8")
            }
            others += 1
        }
    }

    /// - Throws: `text_too_long` or `telex_too_long`, with the excess.
    func checkSize(of bytes: [UInt8]) throws(MessageError) {
        guard telexBytes > MessageLimits.telexBytes else { return }
        let text = message.map { TelexSize.escapedBytes(of: bytes.span.extracting($0)) } ?? 0
        throw TelexSize.error(total: telexBytes, text: text)
    }
}
