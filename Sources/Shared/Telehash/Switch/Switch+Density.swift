import TelehashWire

// What a switch does about closest sets that can't be true (T8, T9); see ``Density``.
extension Switch {
    /// Judges what a lookup found. The path to go on with, when it can't be true and others are left; only for places
    /// at which something is heard or said, because the others are looked up again soon.
    mutating func nextPath(after lookup: Lookup, now: Instant) -> Lookup? {
        guard let reach = lookup.reach(limits: limits) else { return nil }
        let verdict = density.judge(furthest: reach, count: limits.k)
        if verdict == .dense || verdict == .sparse, isAnEnd(lookup.target) {
            counters.add(verdict == .dense ? .lookupsDense : .lookupsSparse)
            if verdict == .dense { lookUpRegion(of: lookup.target, now: now) }
            if let next = lookup.nextPath(now: now, limits: limits) { return next }
        }
        measure(lookup.target, reach: reach, now: now)
        return nil
    }

    /// Our own place and the ends are where a crowd would stand, so the ring is measured elsewhere. Places that have
    /// nothing to do with anything are looked up until there is enough to judge others by.
    private mutating func measure(_ target: NodeID, reach: NodeID, now: Instant) {
        if target != place, !isAnEnd(target), density.note(target, furthest: reach, count: limits.k) {
            closest.invalidate()
        }
        guard density.measured < limits.densityQuorum else { return }
        let opposite = NodeID(high: 1 << UInt64(63 - density.measured), middle: 0, low: 0)
        lookUp(place.distance(to: opposite), unlessWithin: limits.lookupInterval, now: now)
    }

    /// The switches that should hold our taps after a lookup: the nearest that answered, and when there are more in the
    /// region than that, all that are known there.
    mutating func hosts(found lookup: Lookup) -> [Endpoint] {
        let nearest = lookup.closestResponders(limits: limits)
        let region = rememberedClosestSlots(to: lookup.target)
        guard region.count > limits.k else { return nearest }
        return nearest + region.map { lines.slots[$0].endpoint }.filter { !nearest.contains($0) }
    }

    /// Whether something is heard or said at a place.
    private func isAnEnd(_ place: NodeID) -> Bool {
        ownTaps.ends.contains(place) || publications.open.contains { publications[$0]?.end == place }
    }

    /// The crowd around an end hides the switches behind it; those that are asked for the places beside it name them.
    private mutating func lookUpRegion(of end: NodeID, now: Instant) {
        for sibling in density.siblings(of: end) { lookUp(sibling, unlessWithin: limits.lookupInterval, now: now) }
    }
}
