extension TelexDecoder {
    /// The signals in the order of their keys, with their JSON.
    ///
    /// Null, arrays and objects are no signal values, and a key of a lone `+` is no signal; all are left out.
    mutating func sortedSignals() throws(TelexError) -> Signals {
        guard !signals.isEmpty else { return Signals() }
        signals.sort { $0.key < $1.key }
        try rejectDoubles(in: signals)
        var elements: [Signal] = []
        elements.reserveCapacity(signals.count)
        var writer = JSONWriter(.wire, capacity: reader.bytes.count)
        for member in signals where member.key.bytes.count > 1 {
            guard let value = member.value.scalarText else { continue }
            elements.append(Signal(key: member.key.string, value: value.string))
            writer.member(member.key, string: value)
        }
        return Signals(sorted: elements, encoded: writer.bytes)
    }

    /// Headers and commands that we don't know, and plain data, for which the last of several counts.
    mutating func sortedFields() throws(TelexError) -> [Telex.Field] {
        guard !others.isEmpty else { return [] }
        others.sort { $0.key < $1.key }
        try rejectDoubles(in: others)
        var fields: [Telex.Field] = []
        fields.reserveCapacity(others.count)
        for (index, member) in others.enumerated() {
            if case .null = member.value { continue }
            if index + 1 < others.count, others[index + 1].key == member.key { continue }
            fields.append(Telex.Field(key: member.key.string, text: member.value.scalarText?.string))
        }
        return fields
    }

    /// Sorted members: a reserved key must not come twice, or two readers could see two telexes in one datagram.
    private func rejectDoubles(in members: [Member]) throws(TelexError) {
        for (previous, member) in zip(members, members.dropFirst()) where previous.key == member.key {
            switch member.key.bytes.first {
            case ASCII.plus, ASCII.underscore, ASCII.dot: throw .duplicateKey
            default: continue
            }
        }
    }
}
