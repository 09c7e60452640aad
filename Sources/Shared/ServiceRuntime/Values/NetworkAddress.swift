import Glibc

/// An IP address as 16 bytes; IPv4 as `::ffff:a.b.c.d`, so that both kinds compare.
package struct NetworkAddress: Hashable, Sendable {
    package let bytes: [UInt8]
    package let isIPv4: Bool

    /// - Parameter text: a literal address without brackets, port or zone.
    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = NetworkAddress.mappedPrefix + withUnsafeBytes(of: &four) { Array($0) }
            isIPv4 = true
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: &six) { Array($0) }
            isIPv4 = bytes.starts(with: NetworkAddress.mappedPrefix)
        } else {
            return nil
        }
    }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { isIPv4 ? bytes[12] == 127 : bytes == Array(repeating: 0, count: 15) + [1] }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
}

/// A network in CIDR notation: `10.0.0.0/8`, `fd00::/8`; an address alone is a network of one.
package struct Network: Hashable, Sendable, SettingValue, LosslessStringConvertible {
    package static let expectation = "a network such as 10.0.0.0/8, fd00::/8 or 127.0.0.1"

    private let base: NetworkAddress
    /// Bits of the 128 that must agree.
    private let bits: Int
    package let description: String

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let base = NetworkAddress(parts[0]) else { return nil }
        let isDotted = !parts[0].contains(":")
        let width = isDotted ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard let given = Int(parts[1]), String(given) == parts[1], (0...width).contains(given) else { return nil }
            length = given
        }
        self.base = base
        bits = isDotted ? length + 96 : length
        description = text
    }

    package func contains(_ address: NetworkAddress) -> Bool {
        let whole = bits / 8
        guard address.bytes.prefix(whole) == base.bytes.prefix(whole) else { return false }
        guard bits % 8 != 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> (bits % 8))
        return address.bytes[whole] & mask == base.bytes[whole] & mask
    }
}
