import Telehash
import TelehashWire

extension Mesh {
    /// Adds colluding switches at the given addresses. Returns the number of the peer that plays them all.
    @discardableResult
    package mutating func addColluders(at endpoints: [Endpoint], plan: Colluders.Plan = .init()) -> Int {
        let victims = (0..<nodeCount).map { endpoint(of: $0) }
        let script = Colluders(endpoints, against: victims, plan: plan, now: now, random: freshGenerator())
        return addPeer(script, at: endpoints)
    }

    /// Public addresses that nobody has.
    package mutating func freshEndpoints(_ count: Int) -> [Endpoint] {
        var fresh: [Endpoint] = []
        var taken: Set<Endpoint> = []
        while fresh.count < count {
            let endpoint = freshEndpoint()
            if taken.insert(endpoint).inserted { fresh.append(endpoint) }
        }
        return fresh
    }

    /// Addresses that lie nearer to a place than chance would have it: the best of `tries` drawn ones, each in a /24 of
    /// its own, as a sybil with many hosts chooses them (T9).
    package mutating func sybilEndpoints(nearest place: NodeID, count: Int, tries: Int) -> [Endpoint] {
        var best: [AddressRing.Member] = []
        for _ in 0..<tries {
            let member = AddressRing.Member(freshEndpoint())
            if best.count >= count, let last = best.last, !place.isCloser(member.id, than: last.id) { continue }
            guard !best.contains(where: { $0.endpoint.narrowGroup == member.endpoint.narrowGroup }) else { continue }
            let position = best.firstIndex { place.isCloser(member.id, than: $0.id) } ?? best.count
            best.insert(member, at: position)
            if best.count > count { best.removeLast() }
        }
        return best.map(\.endpoint)
    }
}
