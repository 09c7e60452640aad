import NIOCore
import Telehash

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Endpoint {
    /// The literal address behind a socket address; nil for anything that is no IP address.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let v4):
            let raw = v4.address
            self.init(ipv4: UInt32(bigEndian: raw.sin_addr.s_addr), port: UInt16(bigEndian: raw.sin_port))
        case .v6(let v6):
            let raw = v6.address
            let (high, low) = withUnsafeBytes(of: raw.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self.init(ipv6: high, low, port: UInt16(bigEndian: raw.sin6_port))
        case .unixDomainSocket: return nil
        }
    }

    /// The same address for NIO.
    func socketAddress() -> SocketAddress? {
        var packed = ByteBuffer()
        switch address {
        case .v4(let bits): packed.writeInteger(bits)
        case .v6(let high, let low): packed.writeMultipleIntegers(high, low)
        }
        return try? SocketAddress(packedIPAddress: packed, port: Int(port))
    }
}

/// Socket addresses of the peers that we talk to: making one costs more than sending a telex.
struct SocketAddressCache {
    /// Peers remembered; above it the cache starts anew, which costs one conversion a peer.
    private static let capacity = 8_192

    private var addresses: [Endpoint: SocketAddress] = [:]

    mutating func address(of endpoint: Endpoint) -> SocketAddress? {
        if let known = addresses[endpoint] { return known }
        guard let address = endpoint.socketAddress() else { return nil }
        if addresses.count >= Self.capacity { addresses.removeAll(keepingCapacity: true) }
        addresses[endpoint] = address
        return address
    }
}
