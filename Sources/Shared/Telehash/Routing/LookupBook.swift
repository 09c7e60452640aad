import TelehashWire

/// The lookups that run, those that wait for their turn, and when each place was looked up last.
struct LookupBook: Sendable {
    /// In the order in which they began; changed in place.
    var running: [Lookup] = []
    /// Waiting for their turn.
    private(set) var queued: [NodeID] = []
    /// The applications' names of them.
    private(set) var queuedIDs: [NodeID: [LookupID]] = [:]
    private(set) var lastStart: [NodeID: Instant] = [:]
    let limits: Limits

    /// What came of the lookups that are over.
    var totals = LookupTotals()

    /// Whether something happened after which more questions may go out.
    var isMoving = false

    func isPending(_ target: NodeID) -> Bool {
        running.contains { $0.target == target } || queued.contains(target)
    }

    /// Whether the place was looked up within `span`, or is about to be.
    func isFresh(_ target: NodeID, within span: Duration, now: Instant) -> Bool {
        if isPending(target) { return true }
        guard let last = lastStart[target] else { return false }
        return last.duration(to: now) < span
    }

    /// Notes a wish. `false` when too many wait.
    mutating func request(_ target: NodeID) -> Bool {
        guard !isPending(target) else { return true }
        guard queued.count < limits.routing.lookupQueue else { return false }
        queued.append(target)
        return true
    }

    /// Notes under which name the application wants the result of a lookup that is pending.
    mutating func name(_ target: NodeID, _ id: LookupID) {
        if let index = running.firstIndex(where: { $0.target == target }) {
            running[index].ids.append(id)
        } else {
            queuedIDs[target, default: []].append(id)
        }
    }

    /// A switch greets us. Returns the places of the lookups that had it called.
    mutating func didGreet(_ endpoint: Endpoint) -> [NodeID] {
        running.indices.filter { running[$0].didGreet(endpoint) }.map { running[$0].target }
    }

    /// Begins the next waiting lookup, when one may run. Returns its index in ``running``.
    mutating func startNext(now: Instant) -> Int? {
        guard running.count < limits.routing.lookups, !queued.isEmpty else { return nil }
        let target = queued.removeFirst()
        forgetOld(now: now)
        lastStart[target] = now
        var lookup = Lookup(target: target, startedAt: now, limits: limits)
        lookup.ids = queuedIDs.removeValue(forKey: target) ?? []
        running.append(lookup)
        return running.count - 1
    }

    mutating func removeFinished() -> [Lookup] {
        let finished = running.filter(\.isFinished)
        if !finished.isEmpty { running.removeAll(where: \.isFinished) }
        return finished
    }

    /// When a running lookup must be looked at again, as of the last call of ``plan(patience:)``.
    private(set) var deadline = Instant.distantFuture

    mutating func plan(patience: Duration) {
        deadline = running.reduce(.distantFuture) { min($0, $1.deadline(patience: patience)) }
    }

    /// Ends are named by whoever publishes, so their memory is bounded like everything else.
    private mutating func forgetOld(now: Instant) {
        guard lastStart.count > 4 * limits.routing.lookupQueue else { return }
        lastStart = lastStart.filter { $0.value.duration(to: now) < limits.routing.lookupInterval }
        if lastStart.count > 4 * limits.routing.lookupQueue { lastStart.removeAll() }
    }
}

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
