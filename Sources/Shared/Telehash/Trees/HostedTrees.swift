import TelehashWire

/// The tappers here that understand trees, by the end that they tap: who is served, and who of them may serve others.
struct HostedTrees: Sendable {
    struct Hosted: Sendable {
        /// What each served tapper says of itself, by its line. Never empty.
        var children: [Int: TreeMark] = [:]
        /// When somebody was last sent on, or came from a tree.
        var treeSeenAt: Instant?
        /// Our level, and when it was worked out.
        var level: (value: Int, at: Instant)?
        /// Since when we stand too low to serve anybody.
        var tooLowSince: Instant?
        /// The level that the children were told last.
        var levelTold: Int?
    }

    let limits: Limits
    private(set) var ends: [NodeID: Hosted] = [:]

    func count(_ end: NodeID) -> Int { ends[end]?.children.count ?? 0 }

    /// The served tappers of an end; kept only while there are any, so that nobody can make us remember ends.
    subscript(end: NodeID) -> Hosted {
        get { ends[end] ?? Hosted() }
        _modify {
            var hosted = ends.removeValue(forKey: end) ?? Hosted()
            defer { if !hosted.children.isEmpty { ends[end] = hosted } }
            yield &hosted
        }
    }

    func serves(_ slot: Int, at end: NodeID) -> Bool { ends[end]?.children[slot] != nil }

    /// The line is gone, or its tap was replaced by one with other ends.
    mutating func dismiss(_ slot: Int, besides kept: [NodeID] = [], held rules: [TapRule]) {
        for end in rules.compactMap(\.channel) where !kept.contains(end) { self[end].children[slot] = nil }
    }

    /// Whether the end is one whose places are given out, so that its taps are answered.
    func hasTree(_ end: NodeID, now: Instant) -> Bool {
        guard let seen = ends[end]?.treeSeenAt else { return false }
        return seen.duration(to: now) < limits.trees.treeMemory
    }

    /// The child that gives way to a newcomer: one of those that have the most other parents, if that is at least
    /// `lead` more than the newcomer has; one that was not in a tree yet will find others. With `outsiders` only one that took us for one of the closest switches.
    func victim(
        of end: NodeID, for newcomer: TreeMark, lead: Int, outsiders: Bool,
        using random: inout some RandomNumberGenerator
    ) -> Int? {
        guard let all = ends[end]?.children else { return nil }
        let children = outsiders ? all.filter { !$0.value.isInTree } : all
        let had = newcomer.isInTree ? newcomer.parents : 1
        // Who taps all of the closest, as in 2011, has as many other parents as there are.
        func parents(_ mark: TreeMark) -> Int { mark.isInTree ? mark.parents : limits.routing.k - 1 }
        guard let most = children.values.lazy.map(parents).max(), most >= had + lead else { return nil }
        let richest = children.filter { parents($0.value) == most }
        // Who serves many goes last: its children would have to move too.
        let fewest = richest.values.lazy.map(\.children).min() ?? 0
        return richest.filter { $0.value.children == fewest }.keys.sorted().randomElement(using: &random)
    }

    /// Up to `count` children to whom a newcomer is sent, drawn at random from those with room; those without, who
    /// send it on or give it the place of somebody with many parents, are named when there are too few.
    func recommended(
        for end: NodeID, count: Int, limit: Int, where isEligible: (Int) -> Bool,
        using random: inout some RandomNumberGenerator
    ) -> [Int] {
        guard let children = ends[end]?.children else { return [] }
        let eligible = children.keys.filter(isEligible).sorted()
        let hasRoom = eligible.filter { (children[$0]?.children ?? 0) < limit }.shuffled(using: &random)
        guard hasRoom.count < count else { return Array(hasRoom.prefix(count)) }
        let isFull = eligible.filter { (children[$0]?.children ?? 0) >= limit }.shuffled(using: &random)
        return hasRoom + isFull.prefix(count - hasRoom.count)
    }
}
