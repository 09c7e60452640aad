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

    /// The same addresses in another order: first the best of each operator's neighbourhood, then the second of each, and
    /// so on. What is best comes first in `endpoints`.
    static func spread(_ endpoints: [Endpoint]) -> [Endpoint] {
        var met: [AddressGroup: Int] = [:]
        let places = endpoints.enumerated().map { index, endpoint in
            defer { met[endpoint.wideGroup, default: 0] += 1 }
            return (round: met[endpoint.wideGroup, default: 0], index: index)
        }
        return places.sorted { ($0.round, $0.index) < ($1.round, $1.index) }.map { endpoints[$0.index] }
    }
}
