import TelehashWire

extension SignedMessage {
    /// The binary form: the count of signals as u16, then for each, sorted by the bytes of its key: length of the key as
    /// u16, key, length of the value as u16, value. Integers are big-endian. At most ``MessageLimits/encodedBytes``.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encodedByteCount)
        Signals.append(signals.count, to: &bytes)
        for signal in signals {
            Signals.append(signal.key.utf8.count, to: &bytes)
            bytes.append(contentsOf: signal.key.utf8)
            Signals.append(signal.value.utf8.count, to: &bytes)
            bytes.append(contentsOf: signal.value.utf8)
        }
        return bytes
    }

    /// Bytes of ``encoded()``.
    package var encodedByteCount: Int {
        signals.reduce(2) { $0 + 4 + $1.key.utf8.count + $1.value.utf8.count }
    }

    /// From what ``encoded()`` wrote. The bytes may be anybody's: the checks are those of ``init(signals:)``, and only the
    /// form that ``encoded()`` writes is accepted.
    package init(encoded: some Collection<UInt8>) throws(MessageError) {
        try self.init(canonical: Signals(encoded: encoded))
    }
}

extension Signals {
    /// From the binary form of a message. Foreign bytes are data: every length is compared with what is there.
    ///
    /// - Throws: `encoding_malformed`, `too_many_signals`, `telex_too_long`; `text_not_utf8` or `signal_malformed`.
    init(encoded: some Collection<UInt8>) throws(MessageError) {
        WorkCount.did(.parse)
        guard encoded.count <= MessageLimits.encodedBytes else {
            throw MessageError(
                .telexTooLong, "\(encoded.count) bytes; a message has at most \(MessageLimits.encodedBytes)")
        }
        var rest = ArraySlice(encoded)
        guard let count = Signals.number(&rest) else { throw Signals.malformed }
        guard count <= MessageLimits.signals else {
            throw MessageError(.tooManySignals, "\(count) signals; a message has at most \(MessageLimits.signals)")
        }
        var signals: [Signal] = []
        signals.reserveCapacity(count)
        for _ in 0..<count {
            guard let key = Signals.field(&rest), let value = Signals.field(&rest) else { throw Signals.malformed }
            let name = String(decoding: key, as: UTF8.self)
            try SignalKey.check(name)
            // Sorted by bytes, each key once.
            if let last = signals.last, !last.key.precedesInBytes(name) { throw Signals.malformed }
            let text: String
            do { text = String(copying: try UTF8Span(validating: value.span)) } catch {
                throw name == SignalKey.message
                    ? MessageError(.textNotUTF8, "the text is not UTF-8")
                    : MessageError(.signalMalformed, "the value of a signal is not UTF-8")
            }
            signals.append(Signal(key: name, value: text))
        }
        guard rest.isEmpty else { throw Signals.malformed }
        self.init(sorted: signals)
    }

    private static let malformed = MessageError(.encodingMalformed, "the binary form of the message is malformed")

    /// The two bytes of a count or length.
    fileprivate static func append(_ number: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard let high = bytes.popFirst(), let low = bytes.popFirst() else { return nil }
        return Int(high) << 8 | Int(low)
    }

    private static func field(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let count = number(&bytes), count <= bytes.count else { return nil }
        defer { bytes.removeFirst(count) }
        return bytes.prefix(count)
    }
}
