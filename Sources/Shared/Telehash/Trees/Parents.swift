import TelehashWire

/// Who brings us the signals of one own end whose closest switches have more tappers than they serve.
///
/// A *root* is one of the switches closest to the end. It serves us, or sends us on to tappers that it serves, who
/// serve us or send us on in their turn. We want a few *parents*, and no two of them below the same root, so that
/// neither a lost copy nor the death of a switch loses a message.
struct Parents: Sendable {
    enum State: Sendable, Equatable {
        /// Dialled; the tap follows when its line is proven.
        case dialled
        /// Has our tap and did not say yet whether it holds it.
        case asked(tries: Int)
        /// Holds our tap: it said so, or it is a root that doesn't know of trees.
        case serving
        /// Sent us on, did not answer, or fell silent.
        case refused
    }

    struct Host: Sendable {
        let endpoint: Endpoint
        /// The root below which it stands: itself for a root.
        let branch: Endpoint
        /// Whether it is one of the closest switches, or beside them.
        var isRoot: Bool
        /// Whether it is only tapped in case that the closest ones are sybils (T9): it stands in their region, but there
        /// are `k` that are nearer, or it stands below one of those. Publishers need not know it, so it does not count as
        /// a parent.
        var isReserve = false
        /// Relays between the closest switches and it; assumed until it tells.
        var level: Int
        var state: State
        /// When it came into this state.
        var since: Instant
        /// What we told it last.
        var markTold: TreeMark?
        var markToldAt: Instant?
        /// Whether it is taken to serve us because it is a root and said nothing, as those of 2011 do, and has brought
        /// nothing yet. A colluder that drops everything looks the same, so it is no reason to look for nobody else.
        var isAssumed = false
        /// Messages in a row that others brought and it did not.
        var missed = 0
        /// Misses of the same few seconds are one, as bursts lose copies.
        var missedAt: Instant?
        /// Until when it does not count as a parent, because it missed too many. It keeps our tap: who was blamed wrongly
        /// must not cost a message.
        var blamedUntil: Instant?
        /// Lookups in a row that did not find it among the closest.
        var lookupsAway = 0
        /// Whether it was asked for a sign of life.
        var isPinged = false

        var isServing: Bool { state == .serving }
        var isPending: Bool { state != .serving && state != .refused }
        /// Whether a `.tap` that it gets names the end.
        var wantsTap: Bool { state != .refused }
        /// Whether it is a parent that we can rely on, or may become one.
        var isChosen: Bool { wantsTap && !isReserve && !isAssumed && blamedUntil == nil }
        /// Whether it is one of the closest by our last lookup, whatever it says itself.
        var isPlainRoot: Bool { isRoot && !isReserve }
        /// Whether it is one of the closest by our last lookup, and did not say since that it stands lower.
        var isCertainRoot: Bool { isRoot && level == 0 }
    }

    /// A switch that a host sent us to.
    struct Candidate: Sendable {
        let endpoint: Endpoint
        let branch: Endpoint
        let level: Int
        let teller: LineTable.Handle
    }

    let end: NodeID
    let limits: Limits
    var hosts: [Host] = []
    /// Latest last: we follow one path to its end before we begin another.
    var candidates: [Candidate] = []
    /// The last sign that the end has a tree.
    var treeSeenAt: Instant
    /// When roots were asked for a place last, and how much longer than planned we wait before the next time, so that
    /// those that lost the same parent don't ask together.
    var rootsAskedAt: Instant
    var rootsJitter = 1.0
    /// The eighth of the closest switches that the last lookup found: whoever is nearer to the end is one of the closest.
    var furthestRoot: NodeID?
    /// Lookups in a row in which some of the closest did not answer.
    var lookupsMissed = 0
    var news: BroughtMessages
    var dueAt: Instant

    init(end: NodeID, now: Instant, limits: Limits) {
        self.limits = limits
        self.end = end
        news = BroughtMessages(capacity: limits.trees.comparedNews)
        treeSeenAt = now
        rootsAskedAt = now
        dueAt = now
    }

    /// Those that bring us signals.
    var serving: [Host] { hosts.filter(\.isServing) }

    /// Those of them that publishers know.
    var parents: [Host] { hosts.filter { $0.isServing && !$0.isReserve && $0.blamedUntil == nil } }

    /// Those of them that said that they serve us, or showed it.
    var reliable: [Host] { hosts.filter { $0.isServing && $0.isChosen } }

    /// Relays between the closest switches and us: one more than the best parent's, or the best reserve's without one.
    /// ``WireLimits/largestHop`` when there is none either.
    var level: Int {
        let best = (parents.isEmpty ? serving : parents).map(\.level).min()
        return min((best ?? WireLimits.largestHop) + 1, WireLimits.largestHop)
    }

    func index(of endpoint: Endpoint) -> Int? { hosts.firstIndex { $0.endpoint == endpoint } }
    func host(at endpoint: Endpoint) -> Host? { hosts.first { $0.endpoint == endpoint } }

    /// Whether a switch at this place is one of the closest; `nil` before they were found.
    func isAmongRoots(_ place: NodeID) -> Bool? { furthestRoot.map { end.isCloser(place, than: $0) } }

    func isReserve(_ endpoint: Endpoint) -> Bool { host(at: endpoint)?.isReserve == true }

    /// What a host is told about us: how many others that stand as high as it does serve us. Who asks for a place says
    /// one for all those below, so that only a tapper whom nobody serves says none.
    func mark(for endpoint: Endpoint, children: Int) -> TreeMark {
        let host = host(at: endpoint)
        let level = host?.level ?? 0
        let others = serving.filter {
            $0.isReserve == (host?.isReserve ?? false) && !$0.isAssumed && $0.blamedUntil == nil
                && $0.endpoint != endpoint
        }
        let high = others.count { $0.level <= level }
        let isAsking = host?.isServing != true
        return TreeMark(parents: isAsking ? max(high, min(others.count, 1)) : high, children: children)
    }

    mutating func noteTree(now: Instant) { treeSeenAt = max(treeSeenAt, now) }
}

// Whom to ask next.
extension Parents {
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
