extension Endpoint {
    /// Whether the address is only meaningful near its owner: loopback, private (RFC 1918, RFC 4193), link-local
    /// (RFC 3927, RFC 4291) or shared by a carrier (RFC 6598). Never dialled from a public address (rule 16).
    @inlinable public var isLoopbackOrPrivate: Bool {
        switch address {
        case .v4(let bits):
            bits >> 24 == 127 || bits >> 24 == 10
                || bits >> 20 == 0xac1  // 172.16.0.0/12
                || bits >> 16 == 0xc0a8  // 192.168.0.0/16
                || bits >> 16 == 0xa9fe  // 169.254.0.0/16
                || bits >> 22 == 0x191  // 100.64.0.0/10
        case .v6(let high, let low):
            (high == 0 && low == 1)
                || high >> 57 == 0x7e  // fc00::/7
                || high >> 54 == 0x3fa  // fe80::/10
                || high >> 54 == 0x3fb  // fec0::/10, site-local of old
        }
    }

    /// Whether no peer can have this address: "this network", multicast, reserved or broadcast.
    ///
    /// The documentation ranges are not counted in: nothing routes them, so dialling one costs what dialling a dead
    /// peer costs, and examples and simulated networks are written with them.
    @inlinable public var isMartian: Bool {
        switch address {
        case .v4(let bits): bits >> 24 == 0 || bits >> 28 >= 14
        case .v6(let high, let low):
            high >> 56 == 0xff || (high == 0 && low != 1 && low >> 32 == 0)  // ff00::/8, ::/96 without ::1
        }
    }

    /// Whether the address means something only together with an interface (fe80::/10, RFC 4291), which an endpoint does
    /// not name: no datagram can be sent there.
    @inlinable public var needsZone: Bool {
        if case .v6(let high, _) = address { high >> 54 == 0x3fa } else { false }
    }

    /// Whether the address is one that the whole internet can send to.
    @inlinable public var isPublic: Bool { !isLoopbackOrPrivate && !isMartian }
}
