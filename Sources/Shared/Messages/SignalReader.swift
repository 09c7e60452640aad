/// Walks through the binary form of a set of signals. Foreign bytes are data: every length is compared with what is there.
struct SignalReader {
    /// Where one signal lies.
    struct Place {
        let key: Range<Int>
        let value: Range<Int>
        let name: SignalName?
    }

    let bytes: [UInt8]
    /// How many signals it says it has.
    let count: Int

    private var offset = 2
    private var remaining: Int
    private var previousKey = 0..<0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        count = bytes.count >= 2 ? Int(bytes[0]) << 8 | Int(bytes[1]) : 0
        remaining = count
    }

    /// The next signal; nil after the last, which must end where the bytes end.
    ///
    /// - Throws: `encoding_malformed`, `signal_malformed` or `too_many_signals`.
    mutating func next() throws(MessageError) -> Place? {
        guard remaining > 0 else {
            guard offset == bytes.count else { throw SignalReader.malformed }
            return nil
        }
        guard count <= MessageLimits.signals else {
            throw MessageError(.tooManySignals, "\(count) signals; a message has at most \(MessageLimits.signals)")
        }
        guard let place = nextOfChecked() else { throw SignalReader.malformed }
        try SignalReader.check(key: bytes.span.extracting(place.key))
        guard previousKey.isEmpty || isBefore(previousKey, place.key) else { throw SignalReader.malformed }
        previousKey = place.key
        return place
    }

    /// The next signal of bytes that were checked before; nil also where the lengths are wrong, which cannot happen then.
    mutating func nextOfChecked() -> Place? {
        guard remaining > 0, let key = field(), let value = field() else { return nil }
        remaining -= 1
        return Place(key: key, value: value, name: SignalName(bytes.span.extracting(key)))
    }

    /// The text of a place in checked bytes.
    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private mutating func field() -> Range<Int>? {
        guard bytes.count - offset >= 2 else { return nil }
        let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
        guard bytes.count - offset - 2 >= length else { return nil }
        let start = offset + 2
        offset = start + length
        return start..<offset
    }

    /// Sorted by bytes, each key once.
    private func isBefore(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        let bytes = bytes.span
        for index in 0..<min(a.count, b.count) {
            let (left, right) = (bytes[a.lowerBound + index], bytes[b.lowerBound + index])
            if left != right { return left < right }
        }
        return a.count < b.count
    }

    /// Printable ASCII only, so that equal names are equal bytes everywhere (Swift compares texts by canonical
    /// equivalence, Perl and JavaScript do not).
    private static func check(key: Span<UInt8>) throws(MessageError) {
        guard key.count >= 2, key.count <= MessageLimits.signalKeyBytes, key[0] == UInt8(ascii: "+") else {
            throw badKey
        }
        for index in key.indices where key[index] <= 0x20 || key[index] >= 0x7f { throw badKey }
    }

    static let malformed = MessageError(.encodingMalformed, "the binary form of the message is malformed")
    static let badKey = MessageError(
        .signalMalformed,
        "the name of a signal is + and up to \(MessageLimits.signalKeyBytes - 1) printable ASCII characters")
}

/// Our own signals. The raw value is the name's bytes in one word, so that telling them apart is one comparison.
enum SignalName: UInt64 {
    case at = 0x2b61_74
    case end = 0x2b65_6e64
    case key = 0x2b6b_6579
    case message = 0x2b6d_6573_7361_6765
    case sig = 0x2b73_6967

    /// Nil for any other name.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count <= 8 else { return nil }
        var word: UInt64 = 0
        for index in bytes.indices { word = word << 8 | UInt64(bytes[index]) }
        self.init(rawValue: word)
    }
}
