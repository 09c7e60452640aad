import TelehashWire

/// Questions to entries that were not heard for a while, asked one by one, so that a table is never older than
/// ``RoutingLimits/entryFreshness`` and nobody has to look anything up for it.
struct EntryChecks: Sendable {
    struct Check: Sendable {
        let endpoint: Endpoint
        let id: NodeID
        /// The place that it is asked for: one in its own bucket, so that it names others for it.
        let target: NodeID
        fileprivate(set) var askedAt = Instant.distantFuture
        /// How often it was asked.
        fileprivate(set) var asked = 0
    }

    private let limits: Limits
    private(set) var open: [Check] = []
    /// When the next entry is looked at.
    var nextAt = Instant.distantFuture
    /// Entries that are checked at once although they are fresh: where one is dead, more may be.
    private(set) var urgent = 0

    init(limits: Limits) {
        self.limits = limits
    }

    func isOpen(_ endpoint: Endpoint) -> Bool { open.contains { $0.endpoint == endpoint } }

    /// One of the checks that are due at once is made.
    mutating func didBegin() { urgent = max(0, urgent - 1) }

    /// The switch was heard.
    mutating func didAnswer(_ endpoint: Endpoint) {
        open.removeAll { $0.endpoint == endpoint }
    }

    /// An entry turned out to be dead.
    mutating func didFindDead(now: Instant) {
        urgent = min(urgent + limits.routing.checksAfterDeath, limits.routing.k * 4)
        nextAt = min(nextAt, now.advanced(by: limits.routing.urgentCheckPause))
    }

    /// Takes out the checks that were not answered in time: those to ask again, and those that failed.
    mutating func expire(now: Instant) -> (again: [Check], failed: [Check]) {
        let isLate = { [limits] (check: Check) in
            check.askedAt.duration(to: now) >= limits.routing.questionTimeout
        }
        let late = open.filter(isLate)
        open.removeAll(where: isLate)
        return (
            late.filter { $0.asked < limits.routing.questionTries }, late.filter { $0.asked >= limits.routing.questionTries }
        )
    }

    /// The question went out.
    mutating func didAsk(_ check: Check, now: Instant) {
        var check = check
        check.askedAt = now
        check.asked += 1
        open.append(check)
    }

    var deadline: Instant {
        open.reduce(nextAt) { min($0, $1.askedAt.advanced(by: limits.routing.questionTimeout)) }
    }
}
