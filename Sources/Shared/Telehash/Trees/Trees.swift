import TelehashWire

/// The layer beside ``Exchange`` that knows about trees of tappers: who serves us at which end, and who is served by us.
///
/// It remembers, counts and judges; what it wants said ``Exchange`` says. A switch without it taps the closest switches and
/// serves everybody who taps, as in 2011: nobody's marks are read, none are written, and no notice is heeded.
struct Trees: Sendable {
    /// What comes of a tap for an end.
    enum Place {
        case held
        /// No place; the peer is told of others.
        case sentOn
        /// No place, and nothing that the peer would understand.
        case refused
    }

    let isOn: Bool
    private let limits: Limits
    /// Who serves us, for own ends whose closest switches can't serve everybody.
    private(set) var parents: [NodeID: Parents] = [:]
    /// Who of the tappers may serve others, by end.
    var hosted: HostedTrees
    var redirects: TokenBucket
    var dials: TokenBucket

    init(isOn: Bool, now: Instant, limits: Limits) {
        self.isOn = isOn
        self.limits = limits
        hosted = HostedTrees(limits: limits)
        redirects = TokenBucket(limits.trees.redirects, now: now)
        dials = TokenBucket(limits.trees.treeDials, now: now)
    }

    // MARK: As a tapper

    /// Who serves us at an own end; `nil` where all of the closest do.
    subscript(end: NodeID) -> Parents? {
        _read { yield parents[end] }
        _modify { yield &parents[end] }
    }

    var dueAt: Instant { parents.values.lazy.map(\.dueAt).min() ?? .distantFuture }

    func due(now: Instant) -> [NodeID] { parents.filter { $0.value.dueAt <= now }.keys.sorted() }

    /// The end has a tree. The hosts that hold our tap are asked to confirm it.
    mutating func enter(_ end: NodeID, heldBy hosts: [(endpoint: Endpoint, isReserve: Bool)], now: Instant) {
        var tree = Parents(end: end, now: now, limits: limits)
        for host in hosts { tree.assume(host.endpoint, isReserve: host.isReserve, now: now) }
        parents[end] = tree
    }

    mutating func keep(only ends: Set<NodeID>) {
        if !parents.isEmpty { parents = parents.filter { ends.contains($0.key) } }
    }

    /// The line to a host is gone or began anew.
    mutating func lose(_ endpoint: Endpoint, now: Instant) {
        for end in parents.keys { parents[end]?.lose(endpoint, now: now) }
    }

    /// An own receiver verified a message and keeps it.
    mutating func accept(_ digest: UInt64) {
        for end in parents.keys { parents[end]?.news.accept(digest) }
    }

    /// What one `.tap` says about its rules; `nil` when nothing is to be said.
    func marks(of ends: [NodeID], for host: Endpoint) -> [TreeMark] {
        ends.map { parents[$0]?.mark(for: host, children: hosted.count($0)) ?? .plain }
    }

    /// A `.tap` went out to a host.
    mutating func didTap(_ ends: [NodeID], at host: Endpoint, now: Instant) {
        guard !parents.isEmpty else { return }
        for (end, mark) in zip(ends, marks(of: ends, for: host)) {
            parents[end]?.didTap(host, mark: mark, now: now)
        }
    }

    /// The closest switches of an end by the last lookups, reserves included.
    func roots(of end: NodeID) -> [Endpoint] { parents[end]?.hosts.filter(\.isRoot).map(\.endpoint) ?? [] }

    /// The closest by the last lookup of which none said since that it stands lower: they are dialled when there is
    /// something to say, because every hop counts and a lookup would come to them one after the other.
    func certainRoots(of end: NodeID) -> [Endpoint] {
        parents[end]?.hosts.filter(\.isCertainRoot).map(\.endpoint) ?? []
    }

    // MARK: As a host

    /// Whether a copy of signals is to be relayed although the first one was: where somebody may depend on it, once more one
    /// that came over fewer hops than the first did and no more than lead to where we stand: behind the first the hops may
    /// be used up before the last tappers.
    ///
    /// The hops that copies came over are remembered as marks of their fingerprints.
    static func hopMark(_ digest: UInt64, _ hop: Int) -> UInt64 {
        digest ^ 0x9e37_79b9_7f4a_7c15 &* UInt64(hop + 1)
    }

    static func secondRelayMark(_ digest: UInt64) -> UInt64 { digest ^ 0xd1b5_4a32_d192_ed03 }
}

/// Where a switch stands in the tree of tappers of one end; for the simulator.
package struct TreeStanding: Sendable {
    /// Relays between the closest switches and this one: 0 for one of those, 4 for one that nobody serves.
    package let level: Int
    /// Hosts that bring it the signals.
    package let parents: Int
    /// Tappers that it serves.
    package let children: Int
}
