import Telehash
import TelehashWire

/// Addresses in the order of their places, for finding those nearest to a place among thousands: what an attacker knows
/// of his own, and the truth that a test compares with.
package struct AddressRing: Sendable {
    package struct Member: Sendable {
        package let endpoint: Endpoint
        package let id: NodeID

        package init(_ endpoint: Endpoint) {
            self.endpoint = endpoint
            id = endpoint.nodeID
        }
    }

    package private(set) var members: [Member]

    package init(_ endpoints: some Sequence<Endpoint>) {
        self.init(members: endpoints.map(Member.init))
    }

    package init(members: some Sequence<Member>) {
        self.members = members.sorted { $0.id < $1.id }
    }

    mutating func insert(_ endpoint: Endpoint) {
        let member = Member(endpoint)
        members.insert(member, at: firstIndex(notBelow: member.id))
    }

    /// The members nearest to a place, nearest first, of those that are wanted.
    ///
    /// Those that share a longer prefix with the place are nearer by XOR, and lie together around it in the order of
    /// numbers, so it is enough to look as far to both sides as the prefixes of the first `count` reach.
    package func closest(
        to place: NodeID, count: Int, where isWanted: (Member) -> Bool = { _ in true }
    ) -> [Member] {
        var found: [Member] = []
        var low = firstIndex(notBelow: place)
        var high = low
        while found.count < count, low > 0 || high < members.count {
            let below = low > 0 ? place.bucket(to: members[low - 1].id) : .max
            let above = high < members.count ? place.bucket(to: members[high].id) : .max
            let bucket = min(below, above)
            var sharing: [Member] = []
            while low > 0, place.bucket(to: members[low - 1].id) == bucket {
                low -= 1
                sharing.append(members[low])
            }
            while high < members.count, place.bucket(to: members[high].id) == bucket {
                sharing.append(members[high])
                high += 1
            }
            found += sharing.filter(isWanted).sorted { place.isCloser($0.id, than: $1.id) }
        }
        return Array(found.prefix(count))
    }

    private func firstIndex(notBelow place: NodeID) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].id < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
