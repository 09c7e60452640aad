import TelehashWire

/// The closest switches of the places that are asked for all the time, kept until the table changes.
struct ClosestSets: Sendable {
    private var sets: [NodeID: [Int]] = [:]
    private(set) var version = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Switches came or went.
    mutating func invalidate() {
        version += 1
        sets.removeAll(keepingCapacity: true)
    }

    func known(_ place: NodeID) -> [Int]? {
        sets[place]
    }

    mutating func keep(_ slots: [Int], for place: NodeID) {
        if sets.count >= capacity { sets.removeAll(keepingCapacity: true) }
        sets[place] = slots
    }
}

extension LineTable {
    /// The slots of the `k` switches nearest to a place, and of those within `radius`, nearest first.
    ///
    /// When there are too many the furthest are kept with the nearest: those who crowd around a place are near it.
    func switches(
        around place: NodeID, within radius: NodeID?, besides excluded: [Endpoint], limits: Limits
    ) -> [Int] {
        let nearest = Array(
            closestSwitches(to: place, count: limits.k + excluded.count)
                .filter { !excluded.contains(slots[$0].endpoint) }.prefix(limits.k))
        guard let radius, nearest.count == limits.k, let last = nearest.last,
            place.distance(to: slots[last].id) < radius
        else { return nearest }
        var region: [Int] = []
        let inside = proven.lazy.filter {
            $0.isSwitch && place.distance(to: $0.id) < radius && !excluded.contains(slots[$0.slot].endpoint)
        }.map(\.slot)
        for slot in inside.sorted(by: { place.isCloser(slots[$0].id, than: slots[$1].id) })
        where !region.contains(where: { AddressDiversity.areTheSameHost(slots[$0].endpoint, slots[slot].endpoint) }) {
            region.append(slot)
        }
        guard region.count > limits.regionSwitches else { return region }
        return Array(region.prefix(limits.k) + region.suffix(limits.regionSwitches - limits.k))
    }

    /// The slots of the switches nearest to a place, nearest first, one per public host.
    func closestSwitches(to place: NodeID, count: Int, besides excluded: Int? = nil) -> [Int] {
        var closest = ClosestList<Int>(to: place, capacity: count)
        for peer in proven where peer.isSwitch && peer.slot != excluded && closest.hasRoom(for: peer.id) {
            closest.offer(peer.slot, at: slots[peer.slot].endpoint, id: peer.id)
        }
        return closest.elements
    }
}

extension ClosestSets {
    var count: Int { sets.count }
}
