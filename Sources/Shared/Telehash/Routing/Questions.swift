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
        fileprivate(set) var asked = 0
    }

    let limits: Limits
    private(set) var open: [Check] = []
    var nextAt = Instant.distantFuture
    /// Entries that are checked at once although they are fresh: where one is dead, more may be.
    private(set) var urgent = 0

    func isOpen(_ endpoint: Endpoint) -> Bool { open.contains { $0.endpoint == endpoint } }

    /// One of the checks that are due at once is made.
    mutating func didBegin() { urgent = max(0, urgent - 1) }

    mutating func didAnswer(_ endpoint: Endpoint) {
        open.removeAll { $0.endpoint == endpoint }
    }

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
            late.filter { $0.asked < limits.routing.questionTries },
            late.filter { $0.asked >= limits.routing.questionTries }
        )
    }

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

/// How long answers take here, and so how long one is waited for: RFC 6298 without its back-off, because a lookup has
/// others to ask.
struct AnswerTime: Sendable {
    /// In whole nanoseconds, as the clock counts: a wait that ends between two of its ticks would never be over.
    private(set) var smoothed: Int64?
    private(set) var variation: Int64 = 0
    let limits: Limits

    /// How long a question may stay unanswered before it is asked again, or somebody else is.
    var patience: Duration {
        guard let smoothed else { return limits.routing.firstQuestionTimeout }
        let time = Duration.nanoseconds(smoothed + variation * 4)
        return min(max(time, limits.routing.shortestQuestionTimeout), limits.routing.questionTimeout)
    }

    /// An answer came to a question that was asked once; of one that was repeated nobody knows to which it belongs
    /// (Karn's algorithm).
    mutating func didTake(_ time: Duration) {
        let taken = Instant.zero.advanced(by: time).nanoseconds
        guard let mean = smoothed else {
            smoothed = taken
            variation = taken / 2
            return
        }
        variation += (abs(taken - mean) - variation) / 4
        smoothed = mean + (taken - mean) / 8
    }
}
