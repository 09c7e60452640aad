import TelehashWire

/// The lookups that run, those that wait for their turn, and when each place was looked up last.
struct LookupBook: Sendable {
    /// In the order in which they began; changed in place.
    var running: [Lookup] = []
    private var queued: [NodeID] = []
    /// The applications' names of the lookups that wait for their turn.
    private var queuedIDs: [NodeID: [LookupID]] = [:]
    private var lastStart: [NodeID: Instant] = [:]

    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    var waitingCount: Int { queued.count }
    var hasQueued: Bool { !queued.isEmpty }

    /// What came of the lookups that are over.
    var totals = LookupTotals()

    /// Whether something happened after which more questions may go out.
    var isMoving = false

    func isPending(_ target: NodeID) -> Bool {
        running.contains { $0.target == target } || queued.contains(target)
    }

    func lastStarted(_ target: NodeID) -> Instant? {
        lastStart[target]
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
        var lookup = Lookup(target: target, now: now, limits: limits)
        lookup.ids = queuedIDs.removeValue(forKey: target) ?? []
        running.append(lookup)
        return running.count - 1
    }

    /// Goes on with a lookup along another path. Returns its index in ``running``.
    mutating func resume(_ lookup: Lookup) -> Int {
        running.append(lookup)
        return running.count - 1
    }

    /// Removes the finished lookups and returns them.
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
