import TelehashWire

/// A message and what a store knows about it.
package struct StoredMessage: Hashable, Sendable {
    package let message: SignedMessage
    /// When this store first saw it, in milliseconds since 1970.
    package let receivedAt: Int64
    /// The channel's name, where the store knows which name has this end.
    package let channel: String?

    package init(message: SignedMessage, receivedAt: Int64, channel: String?) {
        self.message = message
        self.receivedAt = receivedAt
        self.channel = channel
    }

    /// What a wall is ordered by: the author's time, but never later than this store first saw the message, so that nobody
    /// owns the top of the wall by a clock that is ahead. Of a 2011 message it is when it was first seen. Milliseconds.
    package var sortTime: Int64 { message.sortTime(receivedAt: receivedAt) }

    package var cursor: Cursor { Cursor(time: sortTime, id: message.id) }

    /// One line of JSON with the keys `id, channel, end, key, message, at, received_at, sig, scheme, signals`.
    package func json() -> String {
        message.json(channel: channel, receivedAt: receivedAt)
    }

    /// The members of ``json()``.
    package func writeMembers(to json: inout JSONWriter) {
        message.writeMembers(channel: channel, receivedAt: receivedAt, to: &json)
    }
}

extension SignedMessage {
    /// As ``StoredMessage/sortTime``.
    package func sortTime(receivedAt: Int64) -> Int64 { min(at ?? receivedAt, receivedAt) }

    /// SHA-256 of the key and the signature, for 2011 messages: their signatures cover little, so that one of them fits many
    /// texts and every channel. Nil for others.
    package var signatureID: MessageID? {
        scheme == .legacy ? MessageID(ofCanonical: Array("\(key.text)\0\(signature)".utf8)) : nil
    }
}
