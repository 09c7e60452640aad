import Glibc
import NIOCore

/// An IP address as 16 bytes; IPv4 as `::ffff:a.b.c.d`, so that both kinds compare.
struct NetworkAddress: Hashable, Sendable {
    let bytes: [UInt8]
    let isIPv4: Bool

    /// - Parameter text: a literal address without brackets, port or zone.
    init?(_ text: String) {
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

    /// - Parameter item: of `X-Forwarded-For` or `Forwarded`: an address, perhaps with brackets, a port or a zone.
    init?(forwarded item: some StringProtocol) {
        var text = item.filter { $0 != " " && $0 != "\t" }[...]
        if text.first == "[" {
            text = text.dropFirst().prefix { $0 != "]" }
        } else if text.filter({ $0 == ":" }).count == 1 {
            text = text.prefix { $0 != ":" }
        }
        // A zone means something on the proxy's host only.
        self.init(String(text.prefix { $0 != "%" }))
    }

    /// 127.0.0.0/8 or ::1.
    var isLoopback: Bool { isIPv4 ? bytes[12] == 127 : bytes == Array(repeating: 0, count: 15) + [1] }

    static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
}

/// Who sent a request, as far as visitors are told apart.
enum Visitor: Hashable, Sendable {
    /// A program on this machine that speaks for nobody else.
    case local
    case at(NetworkAddress)
    /// A visitor that a trusted proxy names without an address (`unknown`, `_hidden`): all of them share one limit.
    case unnamed
}

/// The other end of a connection.
enum Peer: Hashable, Sendable {
    case ip(NetworkAddress, text: String)
    /// On our unix socket.
    case local
    case unknown

    init(_ address: SocketAddress?) {
        switch address {
        case .unixDomainSocket: self = .local
        case .some(let address):
            // A link-local peer comes with its zone.
            let text = String((address.ipAddress ?? "").prefix { $0 != "%" })
            self = NetworkAddress(text).map { .ip($0, text: text) } ?? .unknown
        case .none: self = .unknown
        }
    }
}

/// A network in CIDR notation: `10.0.0.0/8`, `fd00::/8`; an address alone is a network of one.
struct Network: Hashable, Sendable, LosslessStringConvertible {
    private let base: NetworkAddress
    /// Bits of the 128 that must agree.
    private let bits: Int
    let description: String

    init?(_ text: String) {
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

    func contains(_ address: NetworkAddress) -> Bool {
        let whole = bits / 8
        guard address.bytes.prefix(whole) == base.bytes.prefix(whole) else { return false }
        guard bits % 8 != 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> (bits % 8))
        return address.bytes[whole] & mask == base.bytes[whole] & mask
    }
}
