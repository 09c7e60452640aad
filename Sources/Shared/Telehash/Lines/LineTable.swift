import TelehashWire

/// All lines, each in a slot that it keeps for its life, so that taps, buckets and publications can name it by number.
///
/// Two bounded kinds: ringing lines, which strangers can make for nothing, and proven ones.
struct LineTable: Sendable {
    /// Names a line; worthless once that line is gone, even when another has its slot.
    struct Handle: Hashable, Sendable {
        let slot: UInt32
        let generation: UInt32
    }

    /// What is read of all proven lines again and again, side by side: whoever looks for the nearest would otherwise
    /// pass through all that is known of every line.
    struct Peer: Sendable {
        let id: NodeID
        private let number: UInt32
        /// Our address as the peer sees it.
        var tellsUs: Endpoint?
        /// Whether it ever named switches to us over the proven line: only then does it take part in the DHT. A receiver of
        /// 2011 has a line and a tap, but answers nothing.
        fileprivate(set) var isSwitch = false
        /// Whether it left copies unanswered and has said nothing since.
        fileprivate(set) var isPassedOver = false

        fileprivate init(slot: Int, id: NodeID) {
            self.id = id
            number = UInt32(slot)
        }

        var slot: Int { Int(number) }
    }

    /// Read and changed in place.
    var slots = LineSlots()
    private(set) var proven: [Peer] = []
    private(set) var ringing: [Int] = []
    /// How many of the proven lines lead to a public neighbourhood.
    private var provenInGroup: [AddressGroup: Int] = [:]
    /// Slots by their addresses. Swift seeds its hashes anew in each process.
    private var byEndpoint: [Endpoint: Int32] = [:]
    private var nextGeneration: UInt32 = 0

    func slot(of endpoint: Endpoint) -> Int? {
        byEndpoint[endpoint].map(Int.init)
    }

    func handle(_ slot: Int) -> Handle {
        Handle(slot: UInt32(slot), generation: slots[slot].generation)
    }

    func slot(of handle: Handle) -> Int? {
        let slot = Int(handle.slot)
        guard slot < slots.count, slots[slot].isOpen, slots[slot].generation == handle.generation else { return nil }
        return slot
    }

    /// Makes a ringing line. The caller has seen to it that there is none and that there is room.
    mutating func open(
        _ endpoint: Endpoint, ringOut: Int, remembered: RememberedLine? = nil, isSeed: Bool, now: Instant,
        limits: Limits
    ) -> Int {
        nextGeneration &+= 1
        var line = Line(
            endpoint: endpoint, generation: nextGeneration, ringOut: ringOut, remembered: remembered, isSeed: isSeed,
            now: now, limits: limits)
        line.listPosition = ringing.count
        let slot = slots.open(line)
        ringing.append(slot)
        byEndpoint[endpoint] = Int32(slot)
        return slot
    }

    mutating func promote(_ slot: Int) {
        removeFromRinging(slots[slot].listPosition)
        slots[slot].listPosition = proven.count
        proven.makeRoom()
        proven.append(Peer(slot: slot, id: slots[slot].id))
        if let group = group(of: slot) { provenInGroup[group, default: 0] += 1 }
    }

    mutating func becomeSwitch(_ slot: Int) {
        if isListedAsProven(slot) { proven[slots[slot].listPosition].isSwitch = true }
    }

    func isSwitch(_ slot: Int) -> Bool { isListedAsProven(slot) && proven[slots[slot].listPosition].isSwitch }

    /// Whether the peer of a proven line left copies unanswered and has said nothing since.
    subscript(passedOver slot: Int) -> Bool {
        get { isListedAsProven(slot) && proven[slots[slot].listPosition].isPassedOver }
        set { if isListedAsProven(slot) { proven[slots[slot].listPosition].isPassedOver = newValue } }
    }

    /// Our address as the peer of a proven line sees it.
    subscript(tellsUs slot: Int) -> Endpoint? {
        get { isListedAsProven(slot) ? proven[slots[slot].listPosition].tellsUs : nil }
        set { if isListedAsProven(slot) { proven[slots[slot].listPosition].tellsUs = newValue } }
    }

    mutating func close(_ slot: Int) {
        byEndpoint[slots[slot].endpoint] = nil
        if isListedAsProven(slot) {
            removeFromProven(slots[slot].listPosition)
            if let group = group(of: slot) {
                let count = provenInGroup[group, default: 1] - 1
                provenInGroup[group] = count == 0 ? nil : count
            }
        } else {
            removeFromRinging(slots[slot].listPosition)
        }
        slots[slot].queue.removeAll()
        slots.close(slot)
    }

    /// Gives memory back: a table that was large for a while is not so for ever.
    mutating func trim() {
        slots.trim()
        proven.giveBackRoom()
        ringing.giveBackRoom()
        byEndpoint.giveBackRoom()
    }

    /// The proven line that gives way to another one: of those to the same neighbourhood if it has its share of the table; else,
    /// where that is full, of those that are not needed, if there are any. It is the one that was silent for longest.
    func provenVictim(for newcomer: Int, isNeeded: (Int) -> Bool, limits: Limits) -> Int? {
        if let group = group(of: newcomer), provenInGroup[group, default: 0] >= limits.lines.provenLinesOfOne {
            return mostSilentProven { $0 != newcomer && self.group(of: $0) == group }
        }
        guard proven.count >= limits.lines.provenLines else { return nil }
        return mostSilentProven { $0 != newcomer && !isNeeded($0) } ?? mostSilentProven { $0 != newcomer }
    }

    private func mostSilentProven(where isEligible: (Int) -> Bool) -> Int? {
        var victim: (slot: Int, seenAt: Instant)?
        for peer in proven {
            let seenAt = slots[peer.slot].seenAt ?? .zero
            if let victim, (victim.seenAt, victim.slot) <= (seenAt, peer.slot) { continue }
            if isEligible(peer.slot) { victim = (peer.slot, seenAt) }
        }
        return victim?.slot
    }

    private func group(of slot: Int) -> AddressGroup? {
        let endpoint = slots[slot].endpoint
        return endpoint.isPublic ? AddressDiversity.tableGroup(of: endpoint) : nil
    }

    private func isListedAsProven(_ slot: Int) -> Bool {
        let position = slots[slot].listPosition
        return proven.indices.contains(position) && proven[position].slot == slot
    }

    /// Removes by moving the last one into the gap.
    private mutating func removeFromProven(_ position: Int) {
        guard let last = proven.popLast(), position < proven.count else { return }
        proven[position] = last
        slots[last.slot].listPosition = position
    }

    private mutating func removeFromRinging(_ position: Int) {
        guard let last = ringing.popLast(), position < ringing.count else { return }
        ringing[position] = last
        slots[last].listPosition = position
    }
}
