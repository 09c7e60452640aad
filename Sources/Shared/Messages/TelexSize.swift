import TelehashWire

/// How many bytes a message takes on the wire: as signals of a telex.
package enum TelexSize {
    /// Bytes of the telex that carries `signals`, with headers at their largest. A message may have
    /// ``MessageLimits/telexBytes``.
    package static func bytes(of signals: Signals) -> Int {
        // A comma parts the signals from the headers.
        MessageLimits.telexHeaderBytes + signals.encodedByteCount + (signals.isEmpty ? 0 : 1)
    }

    /// Bytes that a text takes inside the quotes of a JSON string on the wire.
    package static func bytes(ofText text: String) -> Int {
        var json = JSONWriter(.wire, capacity: text.utf8.count + 2)
        json.write(quoted: text)
        return json.bytes.count - 2
    }

    /// - Throws: `text_too_long` or `telex_too_long`, with the excess.
    static func check(_ signals: Signals) throws(MessageError) {
        let excess = bytes(of: signals) - MessageLimits.telexBytes
        guard excess > 0 else { return }
        let text = bytes(ofText: signals[SignalKey.message] ?? "")
        guard text > excess else {
            throw MessageError(
                .telexTooLong,
                "the signals are \(excess) bytes too long for a telex of \(MessageLimits.telexBytes) bytes")
        }
        throw MessageError(
            .textTooLong,
            "the text is \(excess) \(excess == 1 ? "byte" : "bytes") too long: "
                + "\(text) bytes as JSON, \(text - excess) fit")
    }
}
