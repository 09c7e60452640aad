import TelehashWire

extension AddressDiversity {
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
