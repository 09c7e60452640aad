import Messages
import TelehashWire

// What a message has, and what goes with one: ids as their bytes, all that people write as texts, checked when they come.

extension StoredMessage: BusListed {
    static let listLimit = BusLimits.importRows

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let (receivedAt, channel) = (try body.read(Int64.self), try body.read(String?.self))
        self.init(message: try body.read(), receivedAt: receivedAt, channel: channel)
    }

    func write(to body: inout ByteWriter) { body.write(receivedAt, channel, message) }
}

extension AuthorName: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(claimed: try body.read(), pinned: try body.read(), namesake: try body.read())
    }

    func write(to body: inout ByteWriter) { body.write(claimed, pinned, namesake) }
}

extension Cursor: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(time: try body.read(), id: try body.read())
    }

    func write(to body: inout ByteWriter) { body.write(time, id) }
}

/// An end.
extension NodeID: BusListed {
    static let listLimit = BusLimits.channels

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(high: try body.read(), middle: try body.read(), low: try body.read())
    }

    func write(to body: inout ByteWriter) { body.write(high, middle, low) }
}

extension MessageID: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        guard let id = MessageID(bytes: try body.fixed(32)) else { throw .malformed("a message id") }
        self = id
    }

    func write(to body: inout ByteWriter) { body.write(fixed: bytes) }
}

extension SignedMessage: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let bytes = try body.blob(limit: BusLimits.requestBytes)
        do { self = try SignedMessage(encoded: bytes) } catch { throw .malformed("a message (\(error.message))") }
    }

    func write(to body: inout ByteWriter) {
        let bytes = encoded()
        body.write(UInt32(bytes.count))
        body.write(fixed: bytes)
    }
}

extension ByteReader {
    /// A message that somebody who is trusted has checked.
    mutating func message(trusting id: MessageID) throws(BusDecodeError) -> SignedMessage {
        let bytes = try blob(limit: BusLimits.requestBytes)
        guard let message = SignedMessage(trusting: id, encoded: bytes) else { throw .malformed("a message") }
        return message
    }
}

extension PublicKey: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let text = try body.text()
        do { self = try PublicKey(text) } catch { throw .malformed("an author's key") }
    }

    func write(to body: inout ByteWriter) { body.write(text) }
}

extension Channel: BusListed {
    static let listLimit = BusLimits.channels

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let name = try body.text()
        do { self = try Channel(name) } catch { throw .malformed("a channel's name") }
    }

    func write(to body: inout ByteWriter) { body.write(name) }
}

extension DisplayName: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let text = try body.text(limit: MessageLimits.nameBytes)
        do { self = try DisplayName(text) } catch { throw .malformed("a name (\(error))") }
    }

    func write(to body: inout ByteWriter) { body.write(text) }
}

extension SearchQuery: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let text = try body.text()
        do { self = try SearchQuery(text) } catch { throw .malformed("a search (\(error))") }
    }

    func write(to body: inout ByteWriter) { body.write(text) }
}
