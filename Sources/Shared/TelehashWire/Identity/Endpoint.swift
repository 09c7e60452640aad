/// Where a switch receives datagrams: a literal IPv4 or IPv6 address and a port in 1…65535.
///
/// On the wire a switch *is* the text of its endpoint (`1.2.3.4:42424`, `[2001:db8::1]:42424`), and its place on the
/// ring is the SHA-1 of that text, so one address must have one spelling: IPv4 without leading zeros, IPv6 as
/// RFC 5952 writes it. Host names are never endpoints.
///
/// The value is 24 trivial bytes; text and place are computed when asked for.
public struct Endpoint: Hashable, Sendable {
    /// The address in host order, for the code that speaks to sockets.
    public enum Address: Hashable, Sendable {
        case v4(UInt32)
        case v6(UInt64, UInt64)
    }

    public let address: Address
    public let port: UInt16

    /// `nil` when the port is 0. An IPv4-mapped IPv6 address (`::ffff:1.2.3.4`, what a dual-stack socket reports)
    /// becomes the IPv4 address that it stands for.
    public init?(address: Address, port: UInt16) {
        guard port != 0 else { return nil }
        if case .v6(0, let low) = address, low >> 32 == 0xffff {
            self.address = .v4(UInt32(truncatingIfNeeded: low))
        } else {
            self.address = address
        }
        self.port = port
    }

    /// An IPv4 address in host order (`127.0.0.1` is `0x7f000001`); `nil` when the port is 0.
    public init?(ipv4: UInt32, port: UInt16) {
        self.init(address: .v4(ipv4), port: port)
    }

    /// An IPv6 address as its two halves in host order; `nil` when the port is 0.
    public init?(ipv6 high: UInt64, _ low: UInt64, port: UInt16) {
        self.init(address: .v6(high, low), port: port)
    }

    /// The SHA-1 of the text: the switch's place on the ring. Hashes anew at each call; lines keep the result.
    public var nodeID: NodeID {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Endpoint.longestText) { buffer in
            let count = write(into: buffer)
            return NodeID(sha1Of: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        }
    }

    @inlinable
    public static func == (lhs: Endpoint, rhs: Endpoint) -> Bool {
        guard lhs.port == rhs.port else { return false }
        return switch (lhs.address, rhs.address) {
        case (.v4(let mine), .v4(let theirs)): mine == theirs
        case (.v6(let high, let low), .v6(let otherHigh, let otherLow)): high == otherHigh && low == otherLow
        default: false
        }
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        switch address {
        case .v4(let bits):
            hasher.combine(UInt64(bits) << 16 | UInt64(port))
        case .v6(let high, let low):
            hasher.combine(high)
            hasher.combine(low)
            hasher.combine(port)
        }
    }

    @inlinable public var isIPv6: Bool {
        if case .v6 = address { true } else { false }
    }
}
