import Messages

// Records with more to them than fields in a row.

/// With the id of its message, which is believed where the store is.
extension Row: BusListed {
    static let listLimit = BusLimits.frameBytes / 64

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        let (position, id) = (try body.read(UInt64.self), try body.read(MessageID.self))
        let (receivedAt, channel) = (try body.read(Int64.self), try body.read(String?.self))
        let message = body.trustsStores ? try body.message(trusting: id) : try body.read()
        guard message.id == id else { throw .malformed("a message's id") }
        let stored = StoredMessage(message: message, receivedAt: receivedAt, channel: channel)
        self.init(position: position, stored: stored, author: try body.read())
    }

    func write(to body: inout ByteWriter) {
        body.write(position, stored.message.id)
        body.write(stored, author)
    }
}

extension Rule: BusListed {
    static let listLimit = BusLimits.rules

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        guard let subject = Subject(try body.read(), bytes: try body.read()) else {
            throw .malformed("a rule's subject")
        }
        self.init(
            subject: subject, isActive: try body.read(), at: try body.read(),
            reason: try body.text(limit: BusLimits.reasonBytes))
        guard isWellFormed else { throw .malformed("a pinned name") }
    }

    func write(to body: inout ByteWriter) {
        body.write(kind, subjectBytes)
        body.write(isActive, at, reason)
    }
}

/// The refusals are in the order of their codes.
extension ImportCounts: BusCoded {
    private struct Refused: BusRecord, BusListed {
        static let listLimit = BusLimits.importRows
        static let fields = Fields(Refused.init, \.code, \.count)
        let code: String
        let count: UInt32
    }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        self.init(stored: try body.read(), duplicates: try body.read())
        for entry in try body.read([Refused].self) { refused[entry.code, default: 0] &+= entry.count }
    }

    func write(to body: inout ByteWriter) {
        body.write(stored, duplicates, refused.sorted { $0.key < $1.key }.map { Refused(code: $0, count: $1) })
    }
}
