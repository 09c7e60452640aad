/// What came of all lookups that are over.
public struct LookupTotals: Sendable {
    /// Lookups for which no switch answered.
    public private(set) var unanswered: UInt64 = 0
    /// Milliseconds that a lookup took.
    public private(set) var milliseconds = Distribution(bounds: [
        10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
    ])
    /// Switches that were asked in a lookup.
    public private(set) var queries = Distribution(bounds: [1, 2, 4, 8, 12, 16, 20])
    /// Referrals to the nearest switch that answered.
    public private(set) var hops = Distribution(bounds: [1, 2, 3, 4, 5, 6, 8])

    /// Lookups that are over.
    public var finished: UInt64 { milliseconds.count }

    mutating func note(_ lookup: Lookup, now: Instant) {
        milliseconds.note(lookup.startedAt.duration(to: now) / .milliseconds(1))
        queries.note(Double(lookup.queries))
        // Candidates are sorted by their distance.
        if let nearest = lookup.candidates.first(where: { $0.state == .answered }) {
            hops.note(Double(nearest.depth))
        } else {
            unanswered += 1
        }
    }
}

/// How often values fell below each of some bounds.
public struct Distribution: Sendable {
    /// Upper bounds, ascending.
    public let bounds: [UInt64]
    /// How many values fell into each class: one more than there are bounds, the last one for what is above all of them.
    public private(set) var counts: [UInt64]
    public private(set) var sum: UInt64 = 0

    package init(bounds: [UInt64]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    public var count: UInt64 { counts.reduce(0, &+) }
    /// `nil` while there is no value.
    public var mean: Double? { count == 0 ? nil : Double(sum) / Double(count) }

    package mutating func note(_ value: Double) {
        let whole = UInt64(min(max(value.rounded(), 0), 1e15))
        counts[bounds.firstIndex { whole <= $0 } ?? bounds.count] &+= 1
        sum &+= whole
    }
}
