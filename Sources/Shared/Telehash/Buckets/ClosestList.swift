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

    mutating func offer(_ element: Element, at endpoint: Endpoint, id: NodeID) {
        let distance = place.distance(to: id)
        if found.count >= capacity, let furthest = found.last, !(distance < furthest.distance) { return }
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
