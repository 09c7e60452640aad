import TelehashWire

/// The leading bits of an address: the key under which neighbours in the address space are counted, so that one owner
/// of many addresses does not look like many owners (rule 10, threats T7 and T8).
public struct AddressGroup: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    /// Bits that count, with 0…32 for IPv4 and 128 + (0…128) for IPv6, so the families never meet.
    private let width: UInt16

    fileprivate init(v4 bits: UInt32, width: Int) {
        high = 0
        low = width == 0 ? 0 : UInt64(bits >> UInt32(32 - width))
        self.width = UInt16(width)
    }

    fileprivate init(v6 high: UInt64, _ low: UInt64, width: Int) {
        self.high = width >= 64 ? high : width == 0 ? 0 : high >> UInt64(64 - width)
        self.low = width <= 64 ? 0 : low >> UInt64(128 - width)
        self.width = 128 + UInt16(width)
    }
}

extension Endpoint {
    /// The address without its port. IPv6: the /64, because that is what one customer is given.
    public var hostGroup: AddressGroup { group(v4: 32, v6: 64) }

    /// The neighbourhood that may hold two entries of a bucket: /24, or /64 in IPv6.
    public var narrowGroup: AddressGroup { group(v4: 24, v6: 64) }

    /// The neighbourhood of one operator: /16, or /48 in IPv6.
    public var wideGroup: AddressGroup { group(v4: 16, v6: 48) }

    /// The group of the first `v4` (0…32) or `v6` (0…128) bits; widths beyond the address mean the whole address.
    public func group(v4: Int, v6: Int) -> AddressGroup {
        switch address {
        case .v4(let bits): AddressGroup(v4: bits, width: min(max(v4, 0), 32))
        case .v6(let high, let low): AddressGroup(v6: high, low, width: min(max(v6, 0), 128))
        }
    }
}

/// What something that comes from an address is counted by: a public one without its port, because its owner has all
/// of its ports (IPv6: the /48, which holds 65,536 of /64), and near ones with the port, because many nodes share them.
struct AddressSource: Hashable, Sendable {
    fileprivate let group: AddressGroup
    fileprivate let port: UInt16
}

extension Endpoint {
    var source: AddressSource {
        isPublic
            ? AddressSource(group: group(v4: 32, v6: 48), port: 0)
            : AddressSource(group: group(v4: 32, v6: 128), port: port)
    }
}

/// A switch's place follows from its address, so one public IP owns 64,512 places. What counts is therefore not the
/// place but the neighbourhood in the address space (T7, T8).
enum AddressDiversity {
    /// Whether two addresses may not stand beside each other in one lookup or one closest set.
    static func areTheSameHost(_ a: Endpoint, _ b: Endpoint) -> Bool {
        a == b || (a.isPublic && b.isPublic && a.hostGroup == b.hostGroup)
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
