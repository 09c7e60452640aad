extension Endpoint {
    /// Reads `1.2.3.4:5` or `[::1]:5`. Any valid spelling of an IPv6 address is read, and only its canonical spelling
    /// is ever written; leading zeros in IPv4 or in the port, host names, zones and port 0 are refused.
    public init?(_ text: String) {
        var text = text
        guard let endpoint = text.withUTF8({ Endpoint(utf8: $0) }) else { return nil }
        self = endpoint
    }

    init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        var scanner = AddressScanner(text: text)
        let address: Address
        if scanner.take(ASCII.openBracket) {
            guard let bits = scanner.ipv6(), scanner.take(ASCII.closeBracket) else { return nil }
            address = .v6(UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits))
        } else {
            guard let bits = scanner.ipv4() else { return nil }
            address = .v4(bits)
        }
        guard scanner.take(ASCII.colon), let port = scanner.decimal(upTo: 65_535), scanner.isAtEnd else { return nil }
        self.init(address: address, port: UInt16(truncatingIfNeeded: port))
    }
}

/// Reads an address text from left to right.
private struct AddressScanner {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0

    var isAtEnd: Bool { position == text.count }

    var next: UInt8? { position < text.count ? text[position] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// A decimal number without sign or leading zeros, at most `limit` (which is below 2²⁴, so nothing overflows).
    mutating func decimal(upTo limit: UInt32) -> UInt32? {
        let start = position
        var value: UInt32 = 0
        while let byte = next, ASCII.isDigit(byte) {
            if position > start && value == 0 { return nil }
            value = value * 10 + UInt32(byte - ASCII.zero)
            if value > limit { return nil }
            position += 1
        }
        return position > start ? value : nil
    }

    mutating func ipv4() -> UInt32? {
        var bits: UInt32 = 0
        for index in 0..<4 {
            guard index == 0 || take(ASCII.dot), let octet = decimal(upTo: 255) else { return nil }
            bits = bits << 8 | octet
        }
        return bits
    }

    /// RFC 4291 section 2.2: eight groups, `::` for one or more zero groups, and an IPv4 tail in place of the last two.
    mutating func ipv6() -> UInt128? {
        var groups = IPv6Groups()
        if take(ASCII.colon) {
            guard take(ASCII.colon) else { return nil }
            groups.markGap()
        }
        while groups.count < 8, let byte = next, byte != ASCII.closeBracket {
            let start = position
            guard let group = hexGroup() else { return nil }
            if next == ASCII.dot {
                position = start
                guard groups.count <= 6, let bits = ipv4() else { return nil }
                groups.append(UInt16(truncatingIfNeeded: bits >> 16))
                groups.append(UInt16(truncatingIfNeeded: bits))
                break
            }
            groups.append(group)
            guard take(ASCII.colon) else { break }
            if take(ASCII.colon) {
                guard groups.gap == nil else { return nil }
                groups.markGap()
            } else if next == nil || next == ASCII.closeBracket {
                return nil
            }
        }
        return groups.value
    }

    private mutating func hexGroup() -> UInt16? {
        let start = position
        var value: UInt16 = 0
        while let byte = next, let nibble = Hex.value(of: byte, anyCase: true) {
            guard position - start < 4 else { return nil }
            value = value << 4 | UInt16(nibble)
            position += 1
        }
        return position > start ? value : nil
    }
}

/// The groups of an IPv6 address while it is read.
private struct IPv6Groups {
    private var bits: UInt128 = 0
    private(set) var count = 0
    /// How many stand before the `::`.
    private(set) var gap: Int?

    mutating func markGap() { gap = count }

    mutating func append(_ group: UInt16) {
        bits = bits << 16 | UInt128(group)
        count += 1
    }

    /// The address, or `nil` when the groups are too few, or too many beside a gap.
    var value: UInt128? {
        guard let gap else { return count == 8 ? bits : nil }
        guard count < 8 else { return nil }
        // The groups before the gap move to the top.
        let after = 16 * (count - gap)
        return (bits >> after) << (128 - 16 * gap) | bits & (1 << after - 1)
    }
}
