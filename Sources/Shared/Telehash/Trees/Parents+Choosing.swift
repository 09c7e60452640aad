import TelehashWire

// Whom to ask next.
extension Parents {
    mutating func didAskRoots(jitter: Double, now: Instant) {
        rootsAskedAt = now
        rootsJitter = jitter
    }

    /// Hosts that are parents or may still become so.
    var taken: Int { hosts.count(where: \.isChosen) }

    /// Whether a switch that we were sent to may be tapped: a parent while there are too few, and one below each reserve,
    /// because any of those may be a sybil that says nothing.
    private func isWanted(_ candidate: Candidate, _ branches: Set<Endpoint>) -> Bool {
        isReserve(candidate.branch) ? !branches.contains(candidate.branch) : taken < limits.trees.parentsWanted
    }

    /// How many roots are to be asked for a place now: as many as there are parents missing when nobody else is left to
    /// ask, and now and then one by those that no root serves, so that places there don't stay empty.
    func rootsToAsk(now: Instant) -> Int {
        let missing = limits.trees.parentsWanted - taken
        let pause: Duration
        let count: Int
        if missing > 0, !candidates.contains(where: { !isReserve($0.branch) }) {
            pause = taken == 0 ? limits.trees.rootRetry : limits.trees.rootRetryOfServed
            count = missing
        } else {
            pause = limits.trees.rootClimb
            count = hosts.contains { $0.isRoot && $0.isChosen } ? 0 : 1
        }
        return rootsAskedAt.advanced(by: pause * rootsJitter) <= now ? count : 0
    }

    /// Takes the next switch to tap, below a root that none of our hosts stands below, if there is one.
    mutating func takeCandidate(now: Instant) -> Candidate? {
        let branches = Set(hosts.filter(\.wantsTap).map(\.branch))
        let known = Set(hosts.map(\.endpoint))
        candidates.removeAll { known.contains($0.endpoint) }
        let wanted = candidates.indices.filter { isWanted(candidates[$0], branches) }
        guard let position = wanted.last(where: { !branches.contains(candidates[$0].branch) }) ?? wanted.last else {
            return nil
        }
        let candidate = candidates.remove(at: position)
        add(
            Host(
                endpoint: candidate.endpoint, branch: candidate.branch, isRoot: false,
                isReserve: isReserve(candidate.branch), level: candidate.level, state: .dialled, since: now))
        return index(of: candidate.endpoint) == nil ? nil : candidate
    }

    /// Forgets refusals, so that the host may be asked again when somebody names it.
    mutating func forgetRefusals(after span: Duration, now: Instant) {
        hosts.removeAll { !$0.isRoot && $0.state == .refused && $0.since.duration(to: now) >= span }
    }

    /// Parents that we can do without, the lowest first: their places are for others. Roots are not among them: they
    /// take their places back when they need them.
    func surplus(now: Instant) -> [Endpoint] {
        let parents = reliable
        let excess = parents.count - limits.trees.parentsWanted
        guard excess > 0 else { return [] }
        let others = parents.filter { !$0.isRoot && $0.since.duration(to: now) >= limits.trees.surplusPatience }
        return others.sorted { ($1.level, $0.since) < ($0.level, $1.since) }.prefix(excess).map(\.endpoint)
    }

    /// Whether we are served as before there was a tree.
    func isOver(now: Instant) -> Bool {
        treeSeenAt.duration(to: now) >= limits.trees.treeMemory && serving.allSatisfy(\.isRoot)
            && parents.count >= limits.trees.parentsWanted
    }
}
