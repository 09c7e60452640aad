/// All lines, each in a slot that it keeps for its life, so that taps, buckets and publications can name it by number.
///
/// Two bounded kinds: ringing lines, which strangers can make for nothing, and proven ones.
struct LineTable: Sendable {
    /// Names a line; worthless once that line is gone, even when another has its slot.
    struct Handle: Hashable, Sendable {
        let slot: Int
        let generation: UInt32
    }

    /// Slots by number; read and changed in place. Those in ``free`` hold lines that are gone.
    var slots: [Line] = []
    private(set) var proven: [Int] = []
    private(set) var ringing: [Int] = []
    /// Furthest first, so that the nearest are taken first and the end of ``slots`` gets free.
    private var free: [Int] = []
    private var byEndpoint: [Endpoint: Int] = [:]
    private var nextGeneration: UInt32 = 0

    func slot(of endpoint: Endpoint) -> Int? {
        byEndpoint[endpoint]
    }

    func handle(_ slot: Int) -> Handle {
        Handle(slot: slot, generation: slots[slot].generation)
    }

    func slot(of handle: Handle) -> Int? {
        guard slots.indices.contains(handle.slot), slots[handle.slot].generation == handle.generation,
            byEndpoint[slots[handle.slot].endpoint] == handle.slot
        else { return nil }
        return handle.slot
    }

    /// Makes a ringing line. The caller has seen to it that there is none and that there is room.
    mutating func open(_ endpoint: Endpoint, ringOut: Int, isSeed: Bool, now: Instant, limits: Limits) -> Int {
        nextGeneration &+= 1
        var line = Line(
            endpoint: endpoint, generation: nextGeneration, ringOut: ringOut, isSeed: isSeed, now: now, limits: limits)
        line.listPosition = ringing.count
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = line
        } else {
            slot = slots.count
            slots.append(line)
        }
        ringing.append(slot)
        byEndpoint[endpoint] = slot
        return slot
    }

    /// Moves a line to the proven ones.
    mutating func promote(_ slot: Int) {
        LineTable.remove(slots[slot].listPosition, from: &ringing, in: &slots)
        slots[slot].listPosition = proven.count
        proven.append(slot)
    }

    /// Forgets a line.
    mutating func close(_ slot: Int) {
        byEndpoint[slots[slot].endpoint] = nil
        if isListedAsProven(slot) {
            LineTable.remove(slots[slot].listPosition, from: &proven, in: &slots)
        } else {
            LineTable.remove(slots[slot].listPosition, from: &ringing, in: &slots)
        }
        slots[slot].queue.removeAll()
        free.insert(slot, at: free.firstIndex { $0 < slot } ?? free.count)
    }

    /// Gives up the free slots at the end; a table that was large for a while is not so for ever.
    mutating func trim() {
        guard free.first == slots.count - 1 else { return }
        var unused = 0
        while unused < free.count, free[unused] == slots.count - 1 {
            slots.removeLast()
            unused += 1
        }
        free.removeFirst(unused)
        if slots.capacity > 32, slots.count < slots.capacity / 4 { slots = Array(slots) }
    }

    /// The proven line that was silent for longest, other than `spared`.
    func mostSilentProven(besides spared: Int) -> Int? {
        proven.lazy.filter { $0 != spared }.min {
            (slots[$0].seenAt ?? .zero, $0) < (slots[$1].seenAt ?? .zero, $1)
        }
    }

    private func isListedAsProven(_ slot: Int) -> Bool {
        let position = slots[slot].listPosition
        return proven.indices.contains(position) && proven[position] == slot
    }

    /// Removes by moving the last one into the gap.
    private static func remove(_ position: Int, from list: inout [Int], in slots: inout [Line]) {
        guard let last = list.popLast(), position < list.count else { return }
        list[position] = last
        slots[last].listPosition = position
    }
}
