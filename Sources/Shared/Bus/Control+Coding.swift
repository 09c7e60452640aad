import Messages

extension ByteWriter {
    mutating func write(_ control: Control) {
        switch control {
        case .set(let rule):
            write(UInt8(0))
            write(rule)
        case .store(let messages):
            write(UInt8(1))
            write(messages) { $0.write($1) }
        case .backup(let path):
            write(UInt8(2))
            write(path)
        }
    }

    mutating func write(_ rule: Rule) {
        write(rule.kind.rawValue)
        write(rule.subjectBytes)
        write(rule.isActive)
        write(rule.at)
        write(rule.reason)
    }

    mutating func write(_ stored: StoredMessage) {
        write(stored.receivedAt)
        write(stored.channel) { $0.write($1) }
        write(stored.message.encoded())
    }

    mutating func write(_ counts: ImportCounts) {
        write(counts.stored)
        write(counts.duplicates)
        write(counts.refused.sorted { $0.key < $1.key }) {
            $0.write($1.key)
            $0.write($1.value)
        }
    }

    mutating func write(_ letter: DeadLetter) {
        write(letter.store.id)
        write(letter.age)
        write(letter.message.encoded())
    }

    mutating func write(_ source: Source) {
        switch source {
        case .client: write(UInt8(0))
        case .peer(let address):
            write(UInt8(1))
            write(address)
        }
    }
}

extension ByteReader {
    mutating func control() throws(BusDecodeError) -> Control {
        switch try integer(UInt8.self) {
        case 0: .set(try rule())
        case 1:
            .store(
                try list(limit: BusLimits.importRows) { body throws(BusDecodeError) in try body.storedMessage() })
        case 2: .backup(path: try text(limit: BusLimits.pathBytes))
        default: throw .malformed("a control")
        }
    }

    mutating func rules() throws(BusDecodeError) -> [Rule] {
        try list(limit: BusLimits.rules) { body throws(BusDecodeError) in try body.rule() }
    }

    mutating func rule() throws(BusDecodeError) -> Rule {
        let kind = try ruleKind()
        let bytes = try subjectBytes()
        guard let subject = Rule.Subject(kind, bytes: bytes) else { throw .malformed("a rule's subject") }
        let rule = Rule(
            subject: subject, isActive: try flag(), at: try integer(), reason: try text(limit: BusLimits.reasonBytes))
        guard rule.isWellFormed else { throw .malformed("a pinned name") }
        return rule
    }

    mutating func storedMessage(trusting id: MessageID? = nil) throws(BusDecodeError) -> StoredMessage {
        let receivedAt: Int64 = try integer()
        let channel = try optional { body throws(BusDecodeError) in try body.text() }
        return StoredMessage(message: try message(trusting: id), receivedAt: receivedAt, channel: channel)
    }

    mutating func publicKey() throws(BusDecodeError) -> PublicKey {
        let text = try text()
        do { return try PublicKey(text) } catch { throw .malformed("an author's key") }
    }

    mutating func importCounts() throws(BusDecodeError) -> ImportCounts {
        var counts = ImportCounts(stored: try integer(), duplicates: try integer())
        let refused = try list(limit: BusLimits.importRows) { body throws(BusDecodeError) in
            (code: try body.text(), count: try body.integer(UInt32.self))
        }
        for entry in refused { counts.refused[entry.code, default: 0] &+= entry.count }
        return counts
    }

    mutating func deadLetter() throws(BusDecodeError) -> DeadLetter {
        DeadLetter(store: StoreID(try uniqueID()), age: try integer(), message: try message())
    }

    mutating func source() throws(BusDecodeError) -> Source {
        switch try integer(UInt8.self) {
        case 0: .client
        case 1: .peer(try text())
        default: throw .malformed("a source")
        }
    }

    mutating func ruleKind() throws(BusDecodeError) -> Rule.Kind {
        guard let kind = Rule.Kind(rawValue: try integer()) else { throw .malformed("a rule's kind") }
        return kind
    }

    mutating func subjectBytes() throws(BusDecodeError) -> [UInt8] {
        Array(try blob(limit: BusLimits.textBytes))
    }
}

extension Rule.Subject {
    /// Reads ``Rule/subjectBytes``; nil for bytes that are none.
    package init?(_ kind: Rule.Kind, bytes: [UInt8]) {
        switch kind {
        case .hiddenMessage:
            guard let id = MessageID(bytes: bytes) else { return nil }
            self = .message(id)
        case .blockedKey, .pinnedName:
            guard let text = String(validating: bytes, as: UTF8.self), let key = try? PublicKey(text) else {
                return nil
            }
            self = kind == .blockedKey ? .key(key) : .name(of: key)
        }
    }
}
