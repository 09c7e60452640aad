import TelehashWire

/// The elements nearest to a place, nearest first, one per public host: whoever owns an address owns all its ports, and
/// so a place near any end (T7).
struct ClosestList<Element> {
    private let place: NodeID
    private let capacity: Int
    private var found: [(element: Element, endpoint: Endpoint, distance: NodeID)] = []

    init(to place: NodeID, capacity: Int) {
        self.place = place
        self.capacity = capacity
    }

    var elements: [Element] { found.map(\.element) }

    /// Whether one at this place would be among the nearest, unless its host is there already.
    func hasRoom(for id: NodeID) -> Bool {
        guard found.count >= capacity, let furthest = found.last else { return true }
        return place.distance(to: id) < furthest.distance
    }

    mutating func offer(_ element: Element, at endpoint: Endpoint, id: NodeID) {
        guard hasRoom(for: id) else { return }
        let distance = place.distance(to: id)
        if let twin = found.firstIndex(where: {
            $0.endpoint == endpoint || AddressDiversity.areTheSameHost($0.endpoint, endpoint)
        }) {
            guard distance < found[twin].distance else { return }
            found.remove(at: twin)
        }
        let position = found.firstIndex { distance < $0.distance } ?? found.count
        found.insert((element, endpoint, distance), at: position)
        if found.count > capacity { found.removeLast() }
    }
}
