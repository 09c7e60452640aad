/// One rule of a `.tap`: which telexes its sender wants to have.
///
/// A rule matches when every pair of `is` equals and every key of `has` is present; a telex matches a tap when any
/// rule does. An empty rule matches every telex that has a signal.
public struct TapRule: Hashable, Sendable {
    package struct Pair: Hashable, Sendable {
        package let key: String
        package let value: String
    }

    /// Each key once, in the order of their bytes. A list, because hubs keep thousands of rules, of one pair each.
    package let pairs: [Pair]
    /// Keys that must be present, whatever their value.
    public let has: [String]

    public init(is: [String: String] = [:], has: [String] = []) {
        pairs = `is`.map { Pair(key: $0.key, value: $0.value) }.sorted { $0.key.precedesInBytes($1.key) }
        self.has = TapRule.usual.first { $0 == has } ?? has
    }

    /// What nearly all rules ask for; they share these.
    private static let usual = [["+key"], ["+pop"]]

    /// Key and the value that it must have, compared as text: 5 equals "5".
    public var `is`: [String: String] {
        Dictionary(uniqueKeysWithValues: pairs.lazy.map { ($0.key, $0.value) })
    }

    /// The value that a key must have; `nil` when any will do.
    package func value(of key: String) -> String? {
        pairs.first { $0.key == key }?.value
    }

    /// Whether the telex is one that the rule asks for. Rules may name any key, headers and plain data too.
    public func matches(_ telex: Telex) -> Bool {
        guard !telex.signals.isEmpty else { return false }
        // Loops, because a closure would copy the telex for each of thousands of rules.
        for key in has where !telex.has(key) { return false }
        for pair in pairs where telex.text(of: pair.key) != pair.value { return false }
        return true
    }
}
