import TelehashWire

// How signals get to the roots of a tree from somebody who stands in it. Who taps through a tree has lines to its parents
// and not to the roots, but knows the roots since it looked for a place.
extension Switch {
    /// Whether a line leads to one of the closest switches of an end, and it did not tell us otherwise.
    func isRoot(_ slot: Int, of tree: Parents) -> Bool {
        guard let index = tree.index(of: lines.slots[slot].endpoint) else {
            return tree.isAmongRoots(lines.slots[slot].id) == true
        }
        return tree.hosts[index].isCertainRoot
    }

    /// Of the nearest that we have lines with, the roots; others only if there are few roots among them: they hand on what
    /// they get, which then arrives with a hop more, and may not reach the lowest. Those that were roots once are others,
    /// too, unless so many crowd around the end that the closest may be sybils.
    func rootsFirst(_ slots: [Int], of tree: Parents) -> [Int] {
        let isCrowded = slots.count > limits.k
        let roots = slots.filter {
            isRoot($0, of: tree) && (isCrowded || !tree.isReserve(lines.slots[$0].endpoint))
        }
        let others = slots.filter { !roots.contains($0) }
        return roots + others.prefix(max(0, limits.earlyCopies - roots.count))
    }

    /// The roots that there is no line with: to be dialled when there is something to say, because every hop counts and
    /// a lookup would come to them one after the other.
    func absentRoots(of end: NodeID) -> [Endpoint] {
        guard let tree = parents[end] else { return [] }
        return tree.hosts.filter(\.isCertainRoot).map(\.endpoint).filter { root in
            lines.slot(of: root).map { !lines.slots[$0].isProven } ?? true
        }
    }
}
