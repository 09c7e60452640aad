import TelehashWire

/// The ends that this switch listens to, and the rules that say so to others.
struct OwnTaps: Sendable {
    /// What one peer is asked to send us.
    struct Selection: Hashable, Sendable {
        var ends: [NodeID] = []
        /// Our own place, for greetings through NATs.
        var pop: NodeID?

        var isEmpty: Bool { ends.isEmpty && pop == nil }

        /// The rules of the `.tap`: an end with `+key` is an application's signal, our place with `+pop` a greeting.
        var rules: [TapRule] {
            ends.map { TapRule(is: ["+end": $0.hex], has: ["+key"]) }
                + (pop.map { [TapRule(is: ["+end": $0.hex], has: ["+pop"])] } ?? [])
        }
    }

    private(set) var ends: Set<NodeID> = []
    /// In the order of the ends, so that the same events give the same telexes.
    private var renewals: [(end: NodeID, lookupAt: Instant)] = []
    /// Grows when the ends change.
    private(set) var version = 0

    var ordered: [NodeID] { renewals.map(\.end) }

    /// Replaces the ends. New ones are due for a lookup at once.
    mutating func replace(with newEnds: Set<NodeID>, now: Instant) {
        guard newEnds != ends else { return }
        let known = ends
        ends = newEnds
        renewals.removeAll { !newEnds.contains($0.end) }
        renewals += newEnds.subtracting(known).map { ($0, now) }
        renewals.sort { $0.end < $1.end }
        version += 1
    }

    /// Whether signals are for us: one of our ends, and a key as the rule demands.
    func wants(_ signals: Signals) -> Bool {
        guard !ends.isEmpty, let end = signals.end else { return false }
        return ends.contains(end) && signals["+key"] != nil
    }

    mutating func lookUp(_ end: NodeID, by moment: Instant) {
        for index in renewals.indices where renewals[index].end == end {
            renewals[index].lookupAt = min(renewals[index].lookupAt, moment)
        }
    }

    var deadline: Instant {
        renewals.reduce(.distantFuture) { min($0, $1.lookupAt) }
    }

    /// The ends that are due; each is planned anew after `pause`, drawn for each.
    mutating func due(now: Instant, pause: () -> Duration) -> [NodeID] {
        var due: [NodeID] = []
        for index in renewals.indices where renewals[index].lookupAt <= now {
            due.append(renewals[index].end)
            renewals[index].lookupAt = now.advanced(by: pause())
        }
        return due
    }
}
