import TelehashWire

/// A switch's place follows from its address, so one public IP owns 64,512 places. What counts is therefore not the
/// place but the neighbourhood in the address space (T7, T8).
enum AddressDiversity {
    /// Whether two addresses may not stand beside each other in one lookup or one closest set.
    static func areTheSameHost(_ a: Endpoint, _ b: Endpoint) -> Bool {
        a.isPublic && b.isPublic && a.hostGroup == b.hostGroup
    }

    /// The neighbourhood that is counted over the whole table: /24, or /48 in IPv6.
    static func tableGroup(of endpoint: Endpoint) -> AddressGroup {
        endpoint.group(v4: 24, v6: 48)
    }
}
