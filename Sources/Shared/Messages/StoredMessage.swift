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

    /// What a wall is ordered by: the author's time, or the time it was first seen where that is earlier, or where the message
    /// has no other (2011). Milliseconds.
    package var sortTime: Int64 { min(message.at ?? receivedAt, receivedAt) }

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
