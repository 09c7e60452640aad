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
        /// Whether it is one of the closest switches.
        var isRoot: Bool
        /// Relays between the closest switches and it; assumed until it tells.
        var level: Int
        var state: State
        /// When it came into this state.
        var since: Instant
        /// What we told it last.
        var markTold: TreeMark?
        var markToldAt: Instant?
        /// Messages in a row that others brought and it did not.
        var missed = 0
        /// Lookups in a row that did not find it among the closest.
        var lookupsAway = 0
        /// Whether it was asked for a sign of life.
        var isPinged = false

        var isServing: Bool { state == .serving }
        var isPending: Bool { state != .serving && state != .refused }
        /// Whether a `.tap` that it gets names the end.
        var wantsTap: Bool { state != .refused }
    }

    /// A switch that a host sent us to.
    struct Candidate: Sendable {
        let endpoint: Endpoint
        let branch: Endpoint
        let level: Int
        /// Who named it.
        let teller: LineTable.Handle
    }

    let end: NodeID
    private(set) var hosts: [Host] = []
    /// Latest last: we follow one path to its end before we begin another.
    private(set) var candidates: [Candidate] = []
    /// The last sign that the end has a tree.
    private(set) var treeSeenAt: Instant
    private(set) var rootsDueAt: Instant
    var news = ParentNews()
    /// When something is due.
    var dueAt: Instant

    init(end: NodeID, now: Instant) {
        self.end = end
        treeSeenAt = now
        rootsDueAt = now
        dueAt = now
    }

    var serving: [Host] { hosts.filter(\.isServing) }

    /// Relays between the closest switches and us: one more than the best parent's. ``WireLimits/largestHop`` when
    /// there is none.
    var level: Int {
        let best = hosts.lazy.filter(\.isServing).map(\.level).min()
        return min((best ?? WireLimits.largestHop) + 1, WireLimits.largestHop)
    }

    func index(of endpoint: Endpoint) -> Int? { hosts.firstIndex { $0.endpoint == endpoint } }

    func wantsTap(at endpoint: Endpoint) -> Bool { index(of: endpoint).map { hosts[$0].wantsTap } ?? false }

    /// What a host is told about us. Places below the roots are not scarce unless we have nobody at all.
    func mark(for endpoint: Endpoint, children: Int) -> TreeMark {
        let level = index(of: endpoint).map { hosts[$0].level } ?? 0
        let others = hosts.count { $0.isServing && $0.endpoint != endpoint && $0.level <= level }
        return .inTree(parents: others, children: children)
    }

    mutating func noteTree(now: Instant) { treeSeenAt = max(treeSeenAt, now) }
}

// What happens to hosts.
extension Parents {
    /// The closest switches are these, nearest first. Those that are new are to be asked.
    mutating func foundRoots(_ roots: [Endpoint], now: Instant, limits: Limits) {
        for index in hosts.indices where hosts[index].isRoot {
            hosts[index].lookupsAway = roots.contains(hosts[index].endpoint) ? 0 : hosts[index].lookupsAway + 1
        }
        hosts.removeAll { $0.isRoot && $0.lookupsAway >= limits.lookupsUntilRootIsForgotten }
        for root in roots {
            if let known = index(of: root) {
                hosts[known].isRoot = true
            } else {
                add(Host(endpoint: root, branch: root, isRoot: true, level: 0, state: .dialled, since: now), limits)
            }
        }
        dueAt = now
    }

    /// Hosts that hold our tap from the time when all of the closest did.
    mutating func assume(_ root: Endpoint, now: Instant, limits: Limits) {
        guard index(of: root) == nil else { return }
        add(
            Host(endpoint: root, branch: root, isRoot: true, level: 0, state: .asked(tries: 0), since: now), limits)
    }

    /// Our tap went out to a host.
    mutating func didTap(_ endpoint: Endpoint, mark: TreeMark, now: Instant) {
        guard let index = index(of: endpoint) else { return }
        hosts[index].markTold = mark
        hosts[index].markToldAt = now
        switch hosts[index].state {
        case .dialled: change(index, to: .asked(tries: 1), now: now)
        case .asked(let tries): change(index, to: .asked(tries: tries + 1), now: now)
        case .serving, .refused: break
        }
    }

    /// The host holds our tap and stands at this level.
    mutating func isServed(by endpoint: Endpoint, level: Int, now: Instant, limits: Limits) {
        guard let index = index(of: endpoint), hosts[index].wantsTap else { return }
        guard level < limits.treeDepth else { return lose(endpoint, now: now) }
        hosts[index].level = level
        if !hosts[index].isServing { change(index, to: .serving, now: now) }
        if level > 0 { noteTree(now: now) }
        dueAt = now
    }

    /// The host does not hold our tap, and names others.
    mutating func isSentOn(
        by endpoint: Endpoint, level: Int, to named: [Endpoint], teller: LineTable.Handle, now: Instant, limits: Limits
    ) {
        noteTree(now: now)
        lose(endpoint, now: now)
        guard let host = index(of: endpoint), level + 1 < limits.treeDepth else { return }
        hosts[host].level = level
        for other in named where index(of: other) == nil {
            candidates.removeAll { $0.endpoint == other }
            candidates.append(
                Candidate(endpoint: other, branch: hosts[host].branch, level: level + 1, teller: teller))
        }
        if candidates.count > limits.treeCandidates { candidates.removeFirst(candidates.count - limits.treeCandidates) }
    }

    /// The host brings nothing any more.
    mutating func lose(_ endpoint: Endpoint, now: Instant) {
        guard let index = index(of: endpoint), hosts[index].state != .refused else { return }
        change(index, to: .refused, now: now)
        dueAt = now
    }

    /// A root is asked once more.
    mutating func retry(_ endpoint: Endpoint, now: Instant) {
        guard let index = index(of: endpoint), hosts[index].state == .refused else { return }
        change(index, to: .dialled, now: now)
    }

    mutating func ping(_ endpoint: Endpoint) {
        if let index = index(of: endpoint) { hosts[index].isPinged = true }
    }

    mutating func isAlive(_ endpoint: Endpoint) {
        if let index = index(of: endpoint) { hosts[index].isPinged = false }
    }

    mutating func planRoots(at moment: Instant) { rootsDueAt = moment }

    /// Works out when something is due next.
    mutating func plan(now: Instant, limits: Limits) {
        let isMoving = hosts.contains(where: \.isPending) || hosts.count(where: \.isServing) < limits.parentsWanted
        dueAt = now.advanced(by: isMoving ? limits.treePace : limits.treeRest)
        if let news = news.deadline { dueAt = min(dueAt, news.advanced(by: limits.newsPatience)) }
    }

    /// Counts what the hosts brought; those that missed too much are returned.
    mutating func judge(now: Instant, limits: Limits) -> [Endpoint] {
        for message in news.ripe(now: now, patience: limits.newsPatience) {
            for index in hosts.indices where hosts[index].isServing && hosts[index].since < message.at {
                if message.bringers.contains(hosts[index].endpoint) {
                    hosts[index].missed = 0
                } else if message.bringers.count >= limits.witnesses {
                    hosts[index].missed += 1
                }
            }
        }
        return hosts.filter { $0.isServing && $0.missed >= limits.missesOfSilentParent }.map(\.endpoint)
    }

    private mutating func change(_ index: Int, to state: State, now: Instant) {
        hosts[index].state = state
        hosts[index].since = now
        hosts[index].missed = 0
        hosts[index].isPinged = false
    }

    /// The refusal that is oldest gives way.
    private mutating func add(_ host: Host, _ limits: Limits) {
        if hosts.count >= limits.treeHosts {
            guard
                let oldest = hosts.indices.filter({ hosts[$0].state == .refused && !hosts[$0].isRoot })
                    .min(by: { hosts[$0].since < hosts[$1].since })
            else { return }
            hosts.remove(at: oldest)
        }
        hosts.append(host)
    }
}

// Whom to ask next.
extension Parents {
    /// Takes the next switch to tap, while there are too few parents: below a root that none of them stands below, if
    /// there is one.
    mutating func takeCandidate(now: Instant, limits: Limits) -> Candidate? {
        let taken = hosts.filter(\.wantsTap)
        guard taken.count < limits.parentsWanted else { return nil }
        let branches = Set(taken.map(\.branch))
        let known = Set(hosts.map(\.endpoint))
        candidates.removeAll { known.contains($0.endpoint) }
        let position =
            candidates.lastIndex { !branches.contains($0.branch) } ?? candidates.indices.last
        guard let position else { return nil }
        let candidate = candidates.remove(at: position)
        add(
            Host(
                endpoint: candidate.endpoint, branch: candidate.branch, isRoot: false, level: candidate.level,
                state: .dialled, since: now), limits)
        return index(of: candidate.endpoint) == nil ? nil : candidate
    }

    /// Forgets refusals, so that the host may be asked again when somebody names it.
    mutating func forgetRefusals(after span: Duration, now: Instant) {
        hosts.removeAll { !$0.isRoot && $0.state == .refused && $0.since.duration(to: now) >= span }
    }

    /// Parents that we can do without, the lowest first: their places are for others. Roots are not among them: they
    /// take their places back when they need them.
    func surplus(now: Instant, limits: Limits) -> [Endpoint] {
        let serving = self.serving
        let excess = serving.count - limits.parentsWanted
        guard excess > 0 else { return [] }
        let others = serving.filter { !$0.isRoot && $0.since.duration(to: now) >= limits.surplusPatience }
        return others.sorted { ($1.level, $0.since) < ($0.level, $1.since) }.prefix(excess).map(\.endpoint)
    }

    /// Whether we are served as before there was a tree.
    func isOver(now: Instant, limits: Limits) -> Bool {
        treeSeenAt.duration(to: now) >= limits.treeMemory && serving.allSatisfy(\.isRoot)
            && serving.count >= limits.parentsWanted
    }
}
