import TelehashWire

extension Switch {
    /// An own receiver verified signals that were delivered here and keeps them. Only such can be evidence against hosts
    /// that did not bring them (T27): without receivers nobody is ever blamed.
    public mutating func didAccept(_ token: DeliveryToken) {
        silentHosts.accept(token.digest)
        for end in parents.keys { parents[end]?.news.accept(token.digest) }
    }

    /// Notes which host brought signals of an own end. Where the end has a tree, its parents are compared.
    ///
    /// - Parameter isNews: whether nobody brought them before.
    mutating func compareHosts(_ telex: Telex, _ digest: UInt64, from slot: Int, isNews: Bool, now: Instant) {
        guard let text = telex.signals["+end"], let end = NodeID(hex: text) else { return }
        let host = lines.slots[slot].endpoint
        guard let tree = parents[end] else {
            silentHosts.note(digest, of: end, from: host, hop: telex.hop, isNews: isNews, now: now, limits: limits)
            return
        }
        guard let index = tree.index(of: host), tree.hosts[index].isServing else { return }
        parents[end]?.news.note(
            digest, of: end, from: host, isWitness: telex.hop <= limits.evidenceHops + tree.hosts[index].level,
            isNews: isNews, now: now, capacity: limits.comparedNews)
    }

    /// Taps others beside hosts that don't bring what others do, and counts those again whose time is over.
    mutating func judgeHosts(now: Instant) {
        guard silentHosts.deadline(limits: limits) <= now else { return }
        let holders = lines.proven.map(\.slot).filter { !lines.slots[$0].tapHeld.ends.isEmpty }
        let changed = silentHosts.judge(now: now, limits: limits) { end in
            holders.filter { lines.slots[$0].tapHeld.ends.contains(end) }.map { lines.slots[$0].endpoint }
        }
        guard changed else { return }
        counters.add(.hostsJudged)
        closest.invalidate()
    }
}
