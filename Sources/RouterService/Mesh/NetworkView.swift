import Glibc
import Telehash
import TelehashWire

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
            guard entry.ifa_flags & up == up, let address = Endpoint.Address(entry.ifa_addr), address.isIPv6 == ipv6,
                Endpoint(address: address, port: 1)?.needsZone != true,
                let mask = Endpoint.Address(entry.ifa_netmask, family: ipv6 ? AF_INET6 : AF_INET)
            else { return nil }
            let hasBroadcast = entry.ifa_flags & UInt32(IFF_BROADCAST) != 0
            return OwnNetworks.Interface(
                address: address, prefixLength: mask.leadingOnes,
                broadcast: hasBroadcast ? Endpoint.Address(entry.ifa_ifu.ifu_broadaddr) : nil)
        }
    }

    /// The system chooses a way when a socket is connected; nothing is sent. The addresses are of those that nobody has
    /// (RFC 5737, RFC 3849), so the way to them is the way to everybody.
    private static func source(ipv6: Bool) -> Endpoint.Address? {
        let descriptor = socket(ipv6 ? AF_INET6 : AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, var nobody = SocketAddress(ipv6 ? "2001:db8::1" : "192.0.2.1", port: 9) else {
            return nil
        }
        defer { close(descriptor) }
        guard nobody.withPointer({ connect(descriptor, $0, $1) }) == 0, var own = SocketAddress(of: descriptor) else {
            return nil
        }
        return own.withPointer { address, _ in Endpoint.Address(address) }
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
