// Lines that outlive us: with switches of 2011 nothing else works before they forget the old one. Those that understand
// trees are ours and need none: they begin anew at the first ring, and then we get their taps again at once.
extension Switch {
    /// The lines with a use that the next life of this switch needs at the same address, at most
    /// ``Limits/rememberedLines``: those with taps before those of neighbours, older ones first.
    public func rememberedLines() -> [RememberedLine] {
        let used = lines.proven.map(\.slot).filter { isWanted($0) && !lines.slots[$0].speaksOfTrees }
        func rank(_ slot: Int) -> (Int, Instant, Int) {
            let hasTap = !lines.slots[slot].tapHeld.ends.isEmpty || taps.hasTap(slot)
            return (hasTap ? 0 : 1, lines.slots[slot].openedAt, slot)
        }
        return used.sorted { rank($0) < rank($1) }.prefix(limits.rememberedLines).compactMap { slot in
            guard let ringIn = lines.slots[slot].proof.ringIn else { return nil }
            return RememberedLine(
                endpoint: lines.slots[slot].endpoint, ringOut: lines.slots[slot].proof.ringOut, ringIn: ringIn,
                sent: lines.slots[slot].window.sent, received: lines.slots[slot].window.received)
        }
    }

    /// Speaks the lines of an earlier life again. A peer that does not answer is rung anew.
    mutating func dialRemembered(_ event: inout Event<some RandomNumberGenerator>) {
        for endpoint in remembered.keys.sorted(by: { $0.nodeID < $1.nodeID })
        where lines.slot(of: endpoint) == nil && mayMeet(endpoint, toldBy: nil) {
            guard let slot = openLine(to: endpoint, &event) else { return }
            dial(slot, for: place, &event)
        }
        remembered = [:]
    }
}
