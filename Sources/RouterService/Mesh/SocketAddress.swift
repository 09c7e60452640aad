import Glibc
import Telehash
import TelehashWire

/// Where a socket of the system is bound, or what it is connected to.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// - Returns: nil for what is no literal address.
    init?(_ host: String, port: Int) {
        let port = in_port_t(truncatingIfNeeded: port).bigEndian
        if host.contains(Character(":")) {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port
            guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return nil }
            store(address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port
            guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
            store(address)
        }
    }

    /// - Returns: nil, and why in `errno`, where the system does not say it.
    init?(of descriptor: CInt) {
        guard withPointer({ getsockname(descriptor, $0, &$1) }) == 0 else { return nil }
    }

    private mutating func store<Address>(_ address: Address) {
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: Address.self) }
        length = socklen_t(MemoryLayout<Address>.size)
    }

    mutating func withPointer<Result>(_ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result) -> Result {
        var length = length
        defer { self.length = length }
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    /// It stands at the same place in both families.
    var port: Int {
        withUnsafeBytes(of: storage) { Int(UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))) }
    }
}

extension Endpoint.Address {
    /// An address as the system hands it out.
    ///
    /// - Parameter family: of a mask, whose own is not always filled in.
    init?(_ pointer: UnsafeMutablePointer<sockaddr>?, family: CInt? = nil) {
        guard let pointer else { return nil }
        let bytes = UnsafeRawPointer(pointer)
        switch family ?? CInt(pointer.pointee.sa_family) {
        case AF_INET: self = .v4(UInt32(bigEndian: bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6:
            self = withUnsafeBytes(of: bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { bytes in
                .v6(
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        default: return nil
        }
    }

    var isIPv6: Bool { if case .v6 = self { true } else { false } }

    /// Of a network's mask: how long the network's part is.
    var leadingOnes: Int {
        switch self {
        case .v4(let bits): (~bits).leadingZeroBitCount
        case .v6(let high, let low):
            high == .max ? 64 + (~low).leadingZeroBitCount : (~high).leadingZeroBitCount
        }
    }
}

extension Endpoint {
    /// What the receivers count a peer by: a public IPv4 address or IPv6 site (/48) without its port, because whoever
    /// has it has all of its ports; near addresses with the port, because many nodes share them.
    var sourceName: String {
        guard isPublic else { return description }
        guard case .v6(let high, _) = address else { return String(description.prefix { $0 != ":" }) }
        return [48, 32, 16].map { String(high >> UInt64($0) & 0xffff, radix: 16) }.joined(separator: ":") + "::/48"
    }
}
