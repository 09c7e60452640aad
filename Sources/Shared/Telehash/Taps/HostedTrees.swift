/// The tappers here that understand trees, by the end that they tap: who is served, and who of them may serve others.
///
/// Ends are kept as the text of their rule, because that is what a tap compares.
struct HostedTrees: Sendable {
    struct Hosted: Sendable {
        /// What each served tapper says of itself, by its line.
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

    private(set) var ends: [String: Hosted] = [:]

    func count(_ end: String) -> Int { ends[end]?.children.count ?? 0 }

    subscript(end: String) -> Hosted {
        get { ends[end] ?? Hosted() }
        set { ends[end] = newValue.children.isEmpty && newValue.treeSeenAt == nil ? nil : newValue }
    }

    mutating func admit(_ slot: Int, to end: String, mark: TreeMark) {
        self[end].children[slot] = mark
    }

    /// The line's tap for the end is gone.
    mutating func dismiss(_ slot: Int, from end: String) {
        guard ends[end]?.children[slot] != nil else { return }
        self[end].children[slot] = nil
    }

    /// The line is gone, or its tap was replaced by one with other ends.
    mutating func dismiss(_ slot: Int, besides kept: Set<String> = [], held rules: [TapRule]) {
        for rule in rules {
            guard let end = rule.is["+end"], !kept.contains(end) else { continue }
            dismiss(slot, from: end)
        }
    }

    /// Somebody who knows that the end has a tree taps it here, or we sent somebody on.
    mutating func noteTree(_ end: String, now: Instant) {
        ends[end, default: Hosted()].treeSeenAt = now
    }

    /// Whether the end is one for which places are given out: an answer to its taps says so.
    func hasTree(_ end: String) -> Bool { ends[end]?.treeSeenAt != nil }

    /// The child that gives way to a newcomer: one of those that have the most other parents, if that is at least two
    /// more than the newcomer has, so that both have some afterwards and two hosts don't pass one place to and fro.
    func victim(
        of end: String, for newcomer: TreeMark, limits: Limits, using random: inout some RandomNumberGenerator
    ) -> Int? {
        guard let children = ends[end]?.children else { return nil }
        let had = newcomer.isInTree ? newcomer.parents : 0
        // Who taps all of the closest, as in 2011, has as many other parents as there are.
        func parents(_ mark: TreeMark) -> Int { mark.isInTree ? mark.parents : limits.k - 1 }
        guard let most = children.values.lazy.map(parents).max(), most >= had + 2 else { return nil }
        let richest = children.filter { parents($0.value) == most }
        // Who serves many goes last: its children would have to move too.
        let fewest = richest.values.lazy.map(\.children).min() ?? 0
        return richest.filter { $0.value.children == fewest }.keys.sorted().randomElement(using: &random)
    }

    /// Up to `count` children to whom a newcomer is sent, drawn at random from those with room; those without, who
    /// send it on or give it the place of somebody with many parents, are named when there are too few.
    func recommended(
        for end: String, count: Int, limit: Int, where isEligible: (Int) -> Bool,
        using random: inout some RandomNumberGenerator
    ) -> [Int] {
        guard let children = ends[end]?.children else { return [] }
        let eligible = children.keys.filter(isEligible).sorted()
        var named = Array(
            eligible.filter { (children[$0]?.children ?? 0) < limit }.shuffled(using: &random).prefix(count))
        if named.count < count {
            let full = eligible.filter { (children[$0]?.children ?? 0) >= limit }.shuffled(using: &random)
            named += full.prefix(count - named.count)
        }
        return named
    }

    /// Forgets trees of which nothing was seen for `span`.
    mutating func forget(after span: Duration, now: Instant) {
        for (end, hosted) in ends {
            guard let seen = hosted.treeSeenAt, seen.duration(to: now) >= span else { continue }
            self[end].treeSeenAt = nil
        }
    }
}
