import Telehash
import TelehashWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What this machine's network is like, as far as a switch has to know. Two that differ mean that a link came or went, or
/// that an address is another one now.
struct NetworkView: Equatable, Sendable {
    let networks: OwnNetworks
    /// From which own address a datagram into the world would go; nil: there is no way.
    let source: Endpoint.Address?

    /// As it is now.
    static func current(ipv6: Bool) -> NetworkView {
        NetworkView(networks: OwnNetworks(interfaces(ipv6: ipv6)), source: source(ipv6: ipv6))
    }

    /// The addresses of interfaces that are up and have a link; those that only one interface can make sense of come and
    /// go with every container, and are dialled by nobody.
    private static func interfaces(ipv6: Bool) -> [OwnNetworks.Interface] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        let up = UInt32(IFF_UP) | UInt32(IFF_RUNNING)
        return sequence(state: list) { next in
            defer { next = next?.pointee.ifa_next }
            return next?.pointee
        }.compactMap { (entry: ifaddrs) -> OwnNetworks.Interface? in
            guard entry.ifa_flags & up == up, let address = self.address(at: entry.ifa_addr), address.isIPv6 == ipv6,
                !address.isLinkLocalIPv6,
                let mask = self.address(at: entry.ifa_netmask, like: address)
            else { return nil }
            let hasBroadcast = entry.ifa_flags & UInt32(IFF_BROADCAST) != 0
            return OwnNetworks.Interface(
                address: address.endpoint, prefixLength: mask.leadingOnes,
                broadcast: hasBroadcast ? self.address(at: entry.ifa_ifu.ifu_broadaddr)?.endpoint : nil)
        }
    }

    /// The system chooses a way when a socket is connected; nothing is sent. The addresses are of those that nobody has
    /// (RFC 5737, RFC 3849), so the way to them is the way to everybody.
    private static func source(ipv6: Bool) -> Endpoint.Address? {
        let descriptor = socket(ipv6 ? AF_INET6 : AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var storage = sockaddr_storage()
        var length = withUnsafeMutableBytes(of: &storage) { bytes -> socklen_t in
            if ipv6 {
                var nobody = sockaddr_in6()
                nobody.sin6_family = sa_family_t(AF_INET6)
                nobody.sin6_port = in_port_t(9).bigEndian
                inet_pton(AF_INET6, "2001:db8::1", &nobody.sin6_addr)
                bytes.storeBytes(of: nobody, as: sockaddr_in6.self)
                return socklen_t(MemoryLayout<sockaddr_in6>.size)
            }
            var nobody = sockaddr_in()
            nobody.sin_family = sa_family_t(AF_INET)
            nobody.sin_port = in_port_t(9).bigEndian
            inet_pton(AF_INET, "192.0.2.1", &nobody.sin_addr)
            bytes.storeBytes(of: nobody, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard connect(descriptor, raw, length) == 0, getsockname(descriptor, raw, &length) == 0 else {
                    return nil
                }
                return address(at: raw)?.endpoint
            }
        }
    }

    private static func address(at pointer: UnsafeMutablePointer<sockaddr>?) -> RawAddress? {
        guard let pointer else { return nil }
        return RawAddress(UnsafeRawPointer(pointer), family: CInt(pointer.pointee.sa_family))
    }

    /// A mask, whose own family is not always filled in.
    private static func address(at pointer: UnsafeMutablePointer<sockaddr>?, like other: RawAddress) -> RawAddress? {
        guard let pointer else { return nil }
        return RawAddress(UnsafeRawPointer(pointer), family: other.isIPv6 ? AF_INET6 : AF_INET)
    }
}

/// An IP address as the system hands it out.
struct RawAddress: Sendable {
    let endpoint: Endpoint.Address

    init?(_ pointer: UnsafeRawPointer, family: CInt) {
        switch family {
        case AF_INET:
            let raw = pointer.loadUnaligned(as: sockaddr_in.self)
            endpoint = .v4(UInt32(bigEndian: raw.sin_addr.s_addr))
        case AF_INET6:
            let raw = pointer.loadUnaligned(as: sockaddr_in6.self)
            endpoint = withUnsafeBytes(of: raw.sin6_addr) { bytes in
                .v6(
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        default: return nil
        }
    }

    var isIPv6: Bool { if case .v6 = endpoint { true } else { false } }

    var isLinkLocalIPv6: Bool { Endpoint(address: endpoint, port: 1)?.needsZone ?? false }

    /// Of a network's mask: how long the network's part is.
    var leadingOnes: Int {
        switch endpoint {
        case .v4(let bits): (~bits).leadingZeroBitCount
        case .v6(let high, let low):
            high == .max ? 64 + (~low).leadingZeroBitCount : (~high).leadingZeroBitCount
        }
    }
}

/// Notices that the machine slept, or that this process stood still.
struct SleepWatch: Sendable {
    private var before: Int64?

    /// - Parameter seconds: of a clock that goes on while the machine sleeps.
    /// - Returns: whether more time has passed since the last look than should have.
    mutating func look(seconds: Int64) -> Bool {
        defer { before = seconds }
        return before.map { seconds - $0 > RouterLimits.sleepSeconds } ?? false
    }

    /// The system's clock that goes on while the machine sleeps.
    static var seconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec)
    }
}
