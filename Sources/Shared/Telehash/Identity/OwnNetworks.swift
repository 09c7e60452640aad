import TelehashWire

/// The networks that this machine's own interfaces are on: which of their addresses no single peer can have.
///
/// A datagram to the broadcast or network address of an own interface reaches everybody there or nobody, and the system
/// refuses to send it. Anybody can name such an address to us.
public struct OwnNetworks: Hashable, Sendable {
    /// One address of an interface that is up.
    public struct Interface: Hashable, Sendable {
        public let address: Endpoint.Address
        /// Bits of the network's part: 0…32 for IPv4, 0…128 for IPv6.
        public let prefixLength: Int
        /// As the system was told; most often what follows from the address and its prefix.
        public let broadcast: Endpoint.Address?

        public init(address: Endpoint.Address, prefixLength: Int, broadcast: Endpoint.Address? = nil) {
            self.address = address
            self.prefixLength = prefixLength
            self.broadcast = broadcast
        }
    }

    public let interfaces: Set<Interface>
    private let crowds: Set<Endpoint.Address>

    public init(_ interfaces: [Interface] = []) {
        self.interfaces = Set(interfaces)
        crowds = Set(interfaces.flatMap(OwnNetworks.crowds))
    }

    /// Whether an address is that of a whole network of ours.
    public func isCrowd(_ endpoint: Endpoint) -> Bool { crowds.contains(endpoint.address) }

    /// The network's first and last address; links between two hosts (/31, /127) and single addresses have none. In IPv6
    /// the first one belongs to all routers of the network (RFC 4291 section 2.6.1), and there is no broadcast.
    private static func crowds(of interface: Interface) -> [Endpoint.Address] {
        let length = interface.prefixLength
        var crowds: [Endpoint.Address] = []
        switch interface.address {
        case .v4(let bits):
            // A peer-to-peer link's "broadcast" is its other end.
            if length < 31, let broadcast = interface.broadcast { crowds.append(broadcast) }
            guard (1..<31).contains(length) else { break }
            let hosts = UInt32.max >> UInt32(length)
            crowds += [.v4(bits & ~hosts), .v4(bits | hosts)]
        case .v6(let high, let low):
            guard (1..<127).contains(length) else { break }
            let mask = (
                high: length >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(length)),
                low: length <= 64 ? 0 : ~(UInt64.max >> UInt64(length - 64))
            )
            crowds.append(.v6(high & mask.high, low & mask.low))
        }
        return crowds
    }
}
