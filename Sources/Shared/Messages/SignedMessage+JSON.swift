import TelehashWire

extension SignedMessage {
    /// One line of JSON with exactly the keys `id, channel, end, key, message, at, received_at, sig, scheme, signals`, in
    /// that order; `signals` is an object sorted by key. Times are milliseconds since 1970.
    ///
    /// - Parameters:
    ///   - channel: the channel's name; null where it is not known.
    ///   - receivedAt: when a store first saw it; null where none did.
    package func json(channel: String? = nil, receivedAt: Int64? = nil) -> String {
        var json = JSONWriter(.terminal, capacity: 512 + 2 * encodedByteCount)
        writeMembers(channel: channel, receivedAt: receivedAt, to: &json)
        return json.object
    }

    /// The members of ``json(channel:receivedAt:)``.
    package func writeMembers(channel: String?, receivedAt: Int64?, to json: inout JSONWriter) {
        json.member("id", id.hex)
        json.member("channel", channel)
        json.member("end", end.hex)
        json.member("key", key.text)
        json.member("message", text)
        json.member("at", at)
        json.member("received_at", receivedAt)
        json.member("sig", signature)
        json.member("scheme", scheme.rawValue)
        json.member("signals") { json in
            for signal in signals { json.member(signal.key, signal.value) }
        }
    }

    /// From a message as JSON: an object with the key `signals`, an object of strings. Where `id`, `message`, `key` and `end`
    /// are there and not null, they must say what the signals say: a reader of these keys must not be fooled. Every other key is
    /// ignored. The signature is not checked.
    ///
    /// The reader is strict: UTF-8 only, no key twice, no half of a surrogate pair, nothing after the object, at most
    /// 64 kB and 32 levels.
    ///
    /// - Throws: `json_malformed`, `json_too_long`, `id_mismatch`, `json_contradictory` and what ``init(signals:)`` throws.
    package init(json: [UInt8]) throws(MessageError) {
        self = try MessageJSON(json).message
    }

    package init(json: String) throws(MessageError) {
        try self.init(json: Array(json.utf8))
    }
}

extension StoredMessage {
    /// From a line of ``json()``: as ``SignedMessage/init(json:)``, and `received_at` where it is an integer.
    ///
    /// - Parameter now: when it is received, milliseconds since 1970, if the line does not say.
    /// - Throws: as ``SignedMessage/init(json:)``.
    package init(json: [UInt8], now: Int64) throws(MessageError) {
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
        let object = try JSONObject(reading: json, opening: "signals")
        receivedAt = try object.integer("received_at")
        let id = try object.string("id")
        guard case .object(let signals) = object["signals"] else {
            throw .malformedJSON(object["signals"] == nil ? #"there is no "signals""# : "an object is expected")
        }
        message = try SignedMessage(signals: MessageJSON.signals(signals))
        if let id, id != message.id.hex {
            throw MessageError(.idMismatch, "the signals have the id \(message.id.hex), not the one that is given")
        }
        for (name, signed) in [("message", message.text), ("key", message.key.text), ("end", message.end.hex)] {
            // Strings are equal when they only look so; their bytes are not.
            guard let text = try object.string(name), !text.utf8.elementsEqual(signed.utf8) else { continue }
            throw MessageError(.jsonContradictory, "its \"\(name)\" is not what was signed")
        }
    }

    private static func signals(_ object: JSONObject) throws(MessageError) -> Signals {
        var signals: [Signal] = []
        for (key, value) in object.members {
            guard case .text(let text) = value else { throw .malformedJSON("the value of every signal is a string") }
            signals.append(Signal(key: key, value: text))
        }
        return Signals(sorted: signals.sorted { $0.key.precedesInBytes($1.key) })
    }
}

extension JSONObject {
    /// - Throws: `json_malformed`.
    init(reading json: [UInt8], opening name: StaticString? = nil) throws(MessageError) {
        do throws(JSONError) {
            try self.init(json, opening: name)
        } catch {
            throw .malformedJSON(error.text)
        }
    }

    /// Nil where there is none, or null.
    func string(_ name: String) throws(MessageError) -> String? {
        switch self[name] {
        case .text(let text): text
        case nil, .null: nil
        default: throw .malformedJSON("a string is expected")
        }
    }

    /// An integer as it is written everywhere: no fraction, no exponent. Nil where there is none, or null.
    fileprivate func integer(_ name: String) throws(MessageError) -> Int64? {
        switch self[name] {
        case nil, .null: return nil
        case .number(let text):
            if let number = Int64(text) { return number }
            fallthrough
        default: throw .malformedJSON("an integer is expected")
        }
    }
}

extension MessageError {
    static func malformedJSON(_ what: String) -> MessageError {
        MessageError(.jsonMalformed, "the JSON is malformed: \(what)")
    }
}
