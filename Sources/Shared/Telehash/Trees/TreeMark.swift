import TelehashWire

/// What a tapper says about one rule of its `.tap`, in the plain key `tree`: that it understands trees of tappers, and
/// what a host needs to know to give its places to those who need them most.
///
/// The value is one word for each rule, in their order, with blanks between: `-` for an end that the tapper taps at
/// the closest switches as in 2011, `parents/children` for an end that it has been sent on for. Words may be missing
/// at the end. Switches of 2011 pass over the key.
struct TreeMark: Hashable, Sendable {
    /// How many other switches serve the tapper that are as near to the end as the host, or better.
    var parents: Int
    /// How many tappers that understand trees the tapper serves itself.
    var children: Int
    /// Whether the tapper knows that the end has a tree.
    var isInTree: Bool

    /// A tapper that taps all of the closest, as in 2011.
    static let plain = TreeMark(parents: 0, children: 0, isInTree: false)

    /// More is not believed: a telex of 1400 bytes would not hold the taps.
    static let largestCount = 9_999

    init(parents: Int, children: Int, isInTree: Bool = true) {
        self.parents = min(max(parents, 0), TreeMark.largestCount)
        self.children = min(max(children, 0), TreeMark.largestCount)
        self.isInTree = isInTree
    }

    /// Anything that is no mark is read as a plain one: its sender understands trees, whatever it meant.
    init(_ word: Substring) {
        let counts = word.split(separator: "/", omittingEmptySubsequences: false)
        guard counts.count == 2, let parents = Int(counts[0]), let children = Int(counts[1]) else {
            self = .plain
            return
        }
        self.init(parents: parents, children: children)
    }

    var word: String { isInTree ? "\(parents)/\(children)" : "-" }
}

/// The marks of one `.tap`, or `nil` of a peer that does not understand trees.
struct TreeMarks: Sendable {
    private let words: [Substring]

    init?(of telex: Telex) {
        guard telex.tap != nil, let text = telex.text(of: TreeNotice.key) else { return nil }
        words = text.split(separator: " ", maxSplits: WireLimits.tapRules)
    }

    subscript(rule: Int) -> TreeMark {
        words.indices.contains(rule) ? TreeMark(words[rule]) : .plain
    }

    /// The value of the key.
    static func text(_ marks: [TreeMark]) -> String {
        let told = (marks.lastIndex { $0.isInTree } ?? 0) + 1
        return marks.prefix(told).map(\.word).joined(separator: " ")
    }
}

/// What a host tells a tapper that understands trees: where it stands in the tree of an end.
///
/// It is the value of the plain key `tree`, the end and the host's level. With `.see` the telex says that the tap is
/// *not* held and names switches that are served here and may be tapped; without it, that it is held.
struct TreeNotice: Hashable, Sendable {
    static let key = "tree"

    let end: NodeID
    /// How many relays lie between the closest switches and the host: 0 for one of those, at most 4.
    let level: Int

    init(end: NodeID, level: Int) {
        self.end = end
        self.level = level
    }

    /// `nil` where the telex says nothing of the kind.
    init?(of telex: Telex) {
        guard TreeNotice.isIn(telex), let text = telex.text(of: TreeNotice.key) else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let end = NodeID(hex: String(words[0])), let level = Int(words[1]),
            (0...WireLimits.largestHop).contains(level)
        else { return nil }
        self.init(end: end, level: level)
    }

    /// Whether the telex may hold a notice.
    static func isIn(_ telex: Telex) -> Bool {
        !telex.fields.isEmpty && telex.tap == nil && telex.has(key)
    }

    var text: String { "\(end.hex) \(level)" }
    var field: Telex.Field { Telex.Field(key: TreeNotice.key, text: text) }
}
