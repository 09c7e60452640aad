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
    /// The slots of the switches nearest to a place, nearest first, one per public host.
    func closestSwitches(to place: NodeID, count: Int, besides excluded: Int? = nil) -> [Int] {
        var closest = ClosestList<Int>(to: place, capacity: count)
        for slot in proven where slots[slot].isSwitch && slot != excluded {
            closest.offer(slot, at: slots[slot].endpoint, id: slots[slot].id)
        }
        return closest.elements
    }
}

extension ClosestSets {
    var count: Int { sets.count }
}
