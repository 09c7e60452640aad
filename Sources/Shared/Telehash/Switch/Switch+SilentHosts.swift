extension Switch {
    /// Notes which host brought a message of ours, and passes over those that don't bring what others do (T27).
    /// Where an end has a tree, its parents are compared instead.
    mutating func compareHosts(_ signals: Signals, _ digest: UInt64, from host: Endpoint, now: Instant) {
        guard let text = signals["+end"], let end = NodeID(hex: text), parents[end] == nil else { return }
        silentHosts.note(digest, of: end, from: host, now: now, limits: limits)
        guard silentHosts.isDue(now: now, limits: limits) else { return }
        let holders = lines.proven.map(\.slot).filter { !lines.slots[$0].tapHeld.ends.isEmpty }
        let changed = silentHosts.judge(now: now, limits: limits) { end in
            holders.filter { lines.slots[$0].tapHeld.ends.contains(end) }.map { lines.slots[$0].endpoint }
        }
        guard changed else { return }
        counters.add(.hostsJudged)
        closest.invalidate()
    }
}
