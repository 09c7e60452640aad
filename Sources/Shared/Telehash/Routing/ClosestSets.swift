import TelehashWire

/// The elements nearest to a place, nearest first, one per public host: whoever owns an address owns all its ports, and
/// so a place near any end (T7).
struct ClosestList<Element> {
    let place: NodeID
    let capacity: Int
    private(set) var found: [(element: Element, endpoint: Endpoint, distance: NodeID)] = []

    var elements: [Element] { found.map(\.element) }

    /// Whether one at this place would be among the nearest, unless its host is there already.
    func hasRoom(for id: NodeID) -> Bool {
        guard found.count >= capacity, let furthest = found.last else { return true }
        return place.distance(to: id) < furthest.distance
    }

    mutating func offer(_ element: Element, at endpoint: Endpoint, id: NodeID) {
        guard hasRoom(for: id) else { return }
        let distance = place.distance(to: id)
        if let twin = found.firstIndex(where: { AddressDiversity.areTheSameHost($0.endpoint, endpoint) }) {
            guard distance < found[twin].distance else { return }
            found.remove(at: twin)
        }
        let position = found.firstIndex { distance < $0.distance } ?? found.count
        found.insert((element, endpoint, distance), at: position)
        if found.count > capacity { found.removeLast() }
    }
}

/// The closest switches of the places that are asked for all the time, kept until the table changes.
struct ClosestSets: Sendable {
    private(set) var sets: [NodeID: [Int]] = [:]
    private(set) var version = 0
    let capacity: Int

    /// Switches came or went.
    mutating func invalidate() {
        version += 1
        sets.removeAll(keepingCapacity: true)
    }

    mutating func keep(_ slots: [Int], for place: NodeID) {
        if sets.count >= capacity { sets.removeAll(keepingCapacity: true) }
        sets[place] = slots
    }
}

extension Lines {
    /// The slots of the switches around a place that answer, and behind them those of nearer ones that don't, up to `k`.
    func switches(
        around place: NodeID, within radius: NodeID?, besides excluded: [Endpoint], limits: Limits
    ) -> [Int] {
        let answering = answering(around: place, within: radius, besides: excluded, limits: limits)
        let furthest = answering.count < limits.routing.k ? nil : answering.last
        let others = closestSwitches(to: place, count: limits.routing.k, passedOver: true).filter { slot in
            !excluded.contains(self[slot].endpoint)
                && furthest.map { place.isCloser(self[slot].id, than: self[$0].id) } ?? true
        }
        return answering + others
    }

    /// The slots of the `k` switches nearest to a place, and of those within `radius`, nearest first.
    ///
    /// When there are too many the furthest are kept with the nearest: those who crowd around a place are near it.
    private func answering(
        around place: NodeID, within radius: NodeID?, besides excluded: [Endpoint], limits: Limits
    ) -> [Int] {
        let nearest = Array(
            closestSwitches(to: place, count: limits.routing.k + excluded.count, passedOver: false)
                .filter { !excluded.contains(self[$0].endpoint) }.prefix(limits.routing.k))
        guard let radius, nearest.count == limits.routing.k, let last = nearest.last,
            place.distance(to: self[last].id) < radius
        else { return nearest }
        var region: [Int] = []
        let inside = proven.lazy.filter {
            $0.isSwitch && !$0.isPassedOver && place.distance(to: $0.id) < radius
                && !excluded.contains(self[$0.slot].endpoint)
        }.map(\.slot)
        for slot in inside.sorted(by: { place.isCloser(self[$0].id, than: self[$1].id) })
        where !region.contains(where: { AddressDiversity.areTheSameHost(self[$0].endpoint, self[slot].endpoint) }) {
            region.append(slot)
        }
        guard region.count > limits.routing.regionSwitches else { return region }
        return Array(region.prefix(limits.routing.k) + region.suffix(limits.routing.regionSwitches - limits.routing.k))
    }

    /// The slots of the switches nearest to a place, nearest first, one per public host.
    ///
    /// - Parameter passedOver: nil: whether they answer or not.
    func closestSwitches(to place: NodeID, count: Int, passedOver: Bool? = nil) -> [Int] {
        var closest = ClosestList<Int>(place: place, capacity: count)
        for peer in proven
        where peer.isSwitch && (passedOver ?? peer.isPassedOver) == peer.isPassedOver && closest.hasRoom(for: peer.id) {
            closest.offer(peer.slot, at: self[peer.slot].endpoint, id: peer.id)
        }
        return closest.elements
    }
}
