extension TelexDecoder {
    /// An integer or a text that spells one; null is absent. Anything else, or one out of range, drops the telex.
    mutating func integer(in range: ClosedRange<Int>, else error: TelexError) throws(TelexError) -> Int? {
        guard let text = try numberOrText(else: error) else { return nil }
        guard let integer = text.integer, range.contains(integer) else { throw error }
        return integer
    }

    /// `_br`: negative counts are read as 0, large ones as ``WireLimits/largestByteCount``; see ``Telex/br``.
    mutating func readByteCount() throws(TelexError) {
        guard let text = try numberOrText(else: .badByteCount) else { return }
        guard let count = text.integer else { throw .badByteCount }
        telex.br = min(max(count, 0), WireLimits.largestByteCount)
    }

    /// `_hop`: whatever is no integer in 0…4 is taken for the end of the road.
    mutating func readHop() throws(TelexError) {
        let value = try reader.value()
        try reader.skip(value, inside: TelexDecoder.topLevel)
        switch value {
        case .null:
            telex.hop = 0
        case .text(let text), .number(let text):
            let hop = text.integer ?? WireLimits.largestHop
            telex.hop = hop >= 0 && hop < WireLimits.largestHop ? hop : WireLimits.largestHop
        case .bool, .array, .object:
            telex.hop = WireLimits.largestHop
        }
    }

    /// `_to`: kept only if it is a literal endpoint.
    mutating func readTo() throws(TelexError) {
        let value = try reader.value()
        try reader.skip(value, inside: TelexDecoder.topLevel)
        if case .text(let text) = value { telex.to = Endpoint(utf8: text.bytes) }
    }

    private mutating func numberOrText(else error: TelexError) throws(TelexError) -> JSONText? {
        switch try reader.value() {
        case .text(let text), .number(let text): return text
        case .null: return nil
        case .bool, .array, .object: throw error
        }
    }
}
