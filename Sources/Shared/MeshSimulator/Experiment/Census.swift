import Telehash
import TelehashWire

/// Who is where on the ring and since when: what a lookup's answer is measured against.
struct Census: Sendable {
    private var ring = AddressRing([])
    private var stays: [Endpoint: (joined: Instant, left: Instant)] = [:]

    mutating func add(_ endpoint: Endpoint, now: Instant) {
        ring.insert(endpoint)
        stays[endpoint] = (now, .distantFuture)
    }

    mutating func remove(_ endpoint: Endpoint, now: Instant) { stays[endpoint]?.left = now }

    /// The places nearest to one, nearest first, of those who joined before `joined` and were there after `left`.
    func closest(
        to target: NodeID, count: Int, joinedBy joined: Instant, leftAfter left: Instant, besides asker: Endpoint?
    ) -> [NodeID] {
        let members = ring.closest(to: target, count: count) { member in
            guard member.endpoint != asker, let stay = stays[member.endpoint] else { return false }
            return stay.joined <= joined && stay.left > left
        }
        return members.map(\.id)
    }
}
