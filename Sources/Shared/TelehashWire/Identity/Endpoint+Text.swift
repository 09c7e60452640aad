extension Endpoint: LosslessStringConvertible {
    /// `[` + 39 characters of address + `]:` + 5 digits of port.
    static let longestText = 47

    /// The canonical text, as it stands in `_to`, in `.see` and under the SHA-1.
    public var description: String {
        String(unsafeUninitializedCapacity: Endpoint.longestText) { write(into: $0) }
    }

    /// Writes the canonical text into a buffer of at least ``longestText`` bytes and returns its length.
    func write(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var text = TextCursor(buffer: buffer)
        switch address {
        case .v4(let bits):
            text.write(ipv4: bits)
        case .v6(let high, let low):
            text.write(ASCII.openBracket)
            text.write(ipv6: high, low)
            text.write(ASCII.closeBracket)
        }
        text.write(ASCII.colon)
        text.write(decimal: UInt32(port))
        return text.count
    }
}

/// Writes the parts of an endpoint's text one after the other. The caller provides room for the longest text.
private struct TextCursor {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    mutating func write(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }

    mutating func write(decimal value: UInt32) {
        var divisor: UInt32 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            write(ASCII.zero + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    mutating func write(ipv4 bits: UInt32) {
        for shift: UInt32 in [24, 16, 8, 0] {
            if shift != 24 { write(ASCII.dot) }
            write(decimal: bits >> shift & 0xff)
        }
    }

    /// RFC 5952: lower-case digits, no leading zeros, and the first of the longest runs of two or more zero groups
    /// becomes `::`.
    mutating func write(ipv6 high: UInt64, _ low: UInt64) {
        func group(_ index: Int) -> UInt16 {
            let half = index < 4 ? high : low
            return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
        }
        let gap = longestZeroRun(group)
        var index = 0
        while index < 8 {
            if let gap, index == gap.lowerBound {
                write(ASCII.colon)
                write(ASCII.colon)
                index = gap.upperBound
                continue
            }
            if index > 0 && index != gap?.upperBound { write(ASCII.colon) }
            write(hexGroup: group(index))
            index += 1
        }
    }

    private mutating func write(hexGroup group: UInt16) {
        var started = false
        for shift: UInt16 in [12, 8, 4, 0] {
            started = started || group >> shift != 0 || shift == 0
            if started { write(Hex.digit(group >> shift)) }
        }
    }

    private func longestZeroRun(_ group: (Int) -> UInt16) -> Range<Int>? {
        var longest = 0..<1
        var start = 0
        for index in 0..<8 {
            if group(index) != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<(index + 1)
            }
        }
        return longest.count > 1 ? longest : nil
    }
}
