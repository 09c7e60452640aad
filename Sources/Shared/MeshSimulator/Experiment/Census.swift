import Telehash
import TelehashWire

/// Who is where on the ring and since when: what a lookup's answer is measured against.
struct Census: Sendable {
    private struct Member: Sendable {
        let id: NodeID
        let number: Int
        let joined: Instant
        var left = Instant.distantFuture
    }

    /// In the order of their places.
    private var members: [Member] = []
    private var ids: [Int: NodeID] = [:]

    mutating func add(_ number: Int, at endpoint: Endpoint, now: Instant) {
        let id = endpoint.nodeID
        ids[number] = id
        members.insert(Member(id: id, number: number, joined: now), at: position(of: id))
    }

    mutating func remove(_ number: Int, now: Instant) {
        guard let id = ids[number] else { return }
        var index = position(of: id)
        while index < members.count, members[index].id == id {
            if members[index].number == number { members[index].left = now }
            index += 1
        }
    }

    /// The members nearest to a place, nearest first, among those that joined before `joined` and were there after
    /// `left`.
    func closest(to target: NodeID, count: Int, joinedBy joined: Instant, leftAfter left: Instant, besides asker: Int)
        -> [(number: Int, id: NodeID)]
    {
        var found: [(number: Int, id: NodeID)] = []
        var low = position(of: target)
        var high = low
        // Places that differ from the target in the same highest bit stand side by side, and all of them are nearer
        // than those that differ in a higher one.
        while found.count < count, low > 0 || high < members.count {
            let below = low > 0 ? target.bucket(to: members[low - 1].id) : Int.max
            let above = high < members.count ? target.bucket(to: members[high].id) : Int.max
            let bucket = min(below, above)
            var ring: [(number: Int, id: NodeID)] = []
            func consider(_ member: Member) {
                guard member.joined <= joined, member.left > left, member.number != asker else { return }
                ring.append((member.number, member.id))
            }
            while low > 0, target.bucket(to: members[low - 1].id) == bucket {
                low -= 1
                consider(members[low])
            }
            while high < members.count, target.bucket(to: members[high].id) == bucket {
                consider(members[high])
                high += 1
            }
            found += ring.sorted { target.isCloser($0.id, than: $1.id) }
        }
        return Array(found.prefix(count))
    }

    private func position(of id: NodeID) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
