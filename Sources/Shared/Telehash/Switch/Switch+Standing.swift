import TelehashWire

/// Where a switch stands in the tree of tappers of one end; for the simulator.
package struct TreeStanding: Sendable {
    /// Relays between the closest switches and this one: 0 for one of those, 4 for one that nobody serves.
    package let level: Int
    /// Hosts that bring it the signals.
    package let parents: Int
    /// Tappers that it serves.
    package let children: Int
}

extension Switch {
    /// `nil` where the switch neither listens to the end nor serves anybody.
    package func standing(of end: NodeID) -> TreeStanding? {
        let children = taps.count(of: end.hex)
        guard ownTaps.ends.contains(end) || children > 0 else { return nil }
        let isRoot = address.id.flatMap { parents[end]?.isAmongRoots($0) } ?? isAmongClosest(to: end)
        guard let tree = parents[end] else {
            let tapped = closestSlots(to: end).count { lines.slots[$0].tapHeld.ends.contains(end) }
            return TreeStanding(level: isRoot ? 0 : 1, parents: tapped, children: children)
        }
        return TreeStanding(level: isRoot ? 0 : tree.level, parents: tree.parents.count, children: children)
    }

    /// Copies of messages that were sent so far, to whomever.
    package var copiesSent: UInt64 { counters[.copiesSent] }
}
