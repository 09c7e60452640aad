/// The binary form of a set of signals: their count as u16, then for each, sorted by the bytes of its key: length of the
/// key as u16, key, length of the value as u16, value. Integers are big-endian.
enum SignalEncoder {
    /// - Throws: `too_many_signals`, `signal_malformed` or `telex_too_long` where a length has no place in the form; all
    ///   other rules are the reader's.
    static func encode(_ signals: [String: String]) throws(MessageError) -> [UInt8] {
        guard signals.count <= MessageLimits.signals else {
            throw MessageError(
                .tooManySignals, "\(signals.count) signals; a message has at most \(MessageLimits.signals)")
        }
        let sorted = signals.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        var total = 2
        for (key, value) in sorted {
            guard key.utf8.count <= MessageLimits.signalKeyBytes else { throw SignalReader.badKey }
            total += 4 + key.utf8.count + value.utf8.count
        }
        // The measure says by how much, in the bytes that count: those of the telex.
        if total > MessageLimits.encodedBytes { throw TelexSize.tooLong(signals) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(total)
        append(UInt16(sorted.count), to: &bytes)
        for (key, value) in sorted {
            append(UInt16(key.utf8.count), to: &bytes)
            bytes.append(contentsOf: key.utf8)
            append(UInt16(value.utf8.count), to: &bytes)
            bytes.append(contentsOf: value.utf8)
        }
        return bytes
    }

    private static func append(_ number: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
    }
}
