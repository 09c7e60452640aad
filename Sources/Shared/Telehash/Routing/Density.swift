import TelehashWire

/// How densely the ring is inhabited, judged by what lookups found, so that a closest set that can't be true shows (T8,
/// T9).
///
/// Places are hashes, so switches lie on the ring as drops lie on a street: within a distance that holds n of them on
/// average there are Poisson(n). Sybils that crowd around an end make its closest set denser than chance does; colluders
/// that name only each other make it sparser, because the honest ones between them are missing. What is plausible is
/// judged by the median over other places: whoever wants to bend that must bend most of them.
struct Density: Sendable {
    /// Why a closest set can't be true.
    enum Doubt: Sendable {
        case dense, sparse
    }

    let limits: Limits
    private(set) var samples: [(target: NodeID, switches: Double)] = []
    /// The median estimate of how many switches there are in all; `nil` while too few places are known.
    private(set) var switches: Double?

    /// The part of the ring that is nearer to a place than `distance`, 0…1.
    static func share(of distance: NodeID) -> Double {
        Double(distance.high) * 0x1p-64
    }

    /// The distance of a part of the ring.
    static func distance(of share: Double) -> NodeID {
        let scaled = share * 0x1p64
        return NodeID(high: scaled < 0x1p64 ? UInt64(max(0, scaled)) : .max, middle: .max, low: .max)
    }

    /// Takes note of a closest set: its `count`-th switch lies at this distance. A place counts once, with its latest
    /// set, and the oldest place is forgotten. Returns whether that changed ``switches``, which follows in steps of a
    /// tenth so that what depends on it rests.
    mutating func note(_ target: NodeID, furthest distance: NodeID, count: Int) -> Bool {
        let share = Density.share(of: distance)
        guard count >= limits.routing.k, share > 0 else { return false }
        samples.removeAll { $0.target == target }
        if samples.count >= limits.routing.densitySamples { samples.removeFirst() }
        // The distance of the n-th of a Poisson process overestimates the density unless one is left out.
        samples.append((target, Double(count - 1) / share))
        guard samples.count >= limits.routing.densityQuorum else { return false }
        let median = Density.median(samples.map(\.switches))
        if let switches, abs(median - switches) <= switches / 10 { return false }
        switches = median
        return true
    }

    /// What to think of a closest set whose `count`-th switch lies at this distance; `nil` also while too few places are
    /// known to tell.
    func doubt(furthest distance: NodeID, count: Int) -> Doubt? {
        guard let switches, count >= limits.routing.k else { return nil }
        let expected = switches * Density.share(of: distance)
        if expected < Double(count) * limits.routing.densestSet { return .dense }
        if expected > Double(count) * limits.routing.sparsestSet { return .sparse }
        return nil
    }

    /// The distance within which `k` switches are expected; `nil` while that is unknown.
    var radius: NodeID? {
        switches.map { Density.distance(of: min(1, Double(limits.routing.k) / $0)) }
    }

    /// Places beside `target`, each in another part of the region that holds the closest set by right: half of it, a
    /// quarter and an eighth. Sybils around the target are not near them, so switches that are asked for these places
    /// name the others (T9).
    func siblings(of target: NodeID) -> [NodeID] {
        guard let radius else { return [] }
        let prefix = min(radius.high.leadingZeroBitCount, 60)
        return (prefix..<prefix + 3).map { target.distance(to: NodeID(high: 1 << UInt64(63 - $0), middle: 0, low: 0)) }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
