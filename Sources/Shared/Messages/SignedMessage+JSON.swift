extension SignedMessage {
    /// One line of JSON with exactly the keys `id, channel, end, key, message, at, received_at, sig, scheme, signals`, in
    /// that order; `signals` is an object sorted by key. Times are milliseconds since 1970.
    ///
    /// - Parameters:
    ///   - channel: the channel's name; null where it is not known.
    ///   - receivedAt: when a store first saw it; null where none did.
    public func json(channel: String? = nil, receivedAt: Int64? = nil) -> String {
        var writer = JSONWriter(capacity: 512 + 2 * bytes.count)
        writer.beginObject()
        writer.key("id")
        writer.string(id.hex)
        writer.key("channel")
        if let channel { writer.string(channel) } else { writer.null() }
        writer.key("end")
        writer.string(end.hex)
        writer.key("key")
        writer.string(key.text)
        writer.key("message")
        writer.string(text)
        writer.key("at")
        if let at { writer.number(at) } else { writer.null() }
        writer.key("received_at")
        if let receivedAt { writer.number(receivedAt) } else { writer.null() }
        writer.key("sig")
        writer.string(signature)
        writer.key("scheme")
        writer.string(scheme.rawValue)
        writer.key("signals")
        writeSignals(to: &writer)
        writer.endObject()
        return writer.text
    }

    private func writeSignals(to writer: inout JSONWriter) {
        writer.beginObject()
        var reader = SignalReader(bytes)
        while let place = reader.nextOfChecked() {
            writer.key(bytes.span.extracting(place.key))
            writer.string(bytes.span.extracting(place.value))
        }
        writer.endObject()
    }

    /// From a message as JSON: an object with the key `signals`, an object of strings. Where `id`, `message`, `key` and `end`
    /// are there and not null, they must say what the signals say: a reader of these keys must not be fooled. Every other key is
    /// ignored. The signature is not checked.
    ///
    /// The reader is strict: UTF-8 only, no key twice, no half of a surrogate pair, nothing after the object, at most
    /// 64 kB and 32 levels.
    ///
    /// - Throws: `json_malformed`, `json_too_long`, `id_mismatch`, `json_contradictory` and what ``init(signals:)`` throws.
    public init(json: [UInt8]) throws(MessageError) {
        self = try MessageJSON(json).message
    }

    public init(json: String) throws(MessageError) {
        try self.init(json: Array(json.utf8))
    }
}

extension StoredMessage {
    /// From a line of ``json()``: as ``SignedMessage/init(json:)``, and `received_at` where it is an integer.
    ///
    /// - Parameter now: when it is received, milliseconds since 1970, if the line does not say.
    /// - Throws: as ``SignedMessage/init(json:)``.
    public init(json: [UInt8], now: Int64) throws(MessageError) {
        let parsed = try MessageJSON(json)
        self.init(message: parsed.message, receivedAt: parsed.receivedAt ?? now, channel: nil)
    }
}

/// What is read of a message as JSON; the rest says the same again.
private struct MessageJSON {
    let message: SignedMessage
    let receivedAt: Int64?

    init(_ json: [UInt8]) throws(MessageError) {
        guard json.count <= MessageLimits.jsonBytes else {
            throw MessageError(
                .jsonTooLong, "\(json.count) bytes of JSON; a message has at most \(MessageLimits.jsonBytes)")
        }
        var reader = try JSONReader(json)
        var signals: [String: String]?
        var id: String?
        var said: [String: String] = [:]
        var receivedAt: Int64?
        try reader.object { (reader, key) throws(MessageError) in
            switch key {
            case "signals": signals = try reader.objectOfStrings()
            case "id": id = try reader.stringOrNull()
            case "message", "key", "end": said[key] = try reader.stringOrNull()
            case "received_at": receivedAt = try reader.integerOrNull()
            default: try reader.skipValue()
            }
        }
        try reader.end()
        guard let signals else { throw JSONReader.malformed(#"there is no "signals""#) }
        message = try SignedMessage(signals: signals)
        self.receivedAt = receivedAt
        if let id, id != message.id.hex {
            throw MessageError(.idMismatch, "the signals have the id \(message.id.hex), not the one that is given")
        }
        for (name, signed) in [("message", message.text), ("key", message.key.text), ("end", message.end.hex)] {
            // Strings are equal when they only look so; their bytes are not.
            guard let text = said[name], !text.utf8.elementsEqual(signed.utf8) else { continue }
            throw MessageError(.jsonContradictory, "its \"\(name)\" is not what was signed")
        }
    }
}
