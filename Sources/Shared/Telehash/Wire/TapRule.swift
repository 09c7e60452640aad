/// One rule of a `.tap`: which telexes its sender wants to have.
///
/// A rule matches when every pair of `is` equals and every key of `has` is present; a telex matches a tap when any
/// rule does. An empty rule matches every telex that has a signal.
public struct TapRule: Hashable, Sendable {
    /// Key and the value that it must have, compared as text: 5 equals "5".
    public var `is`: [String: String]
    /// Keys that must be present, whatever their value.
    public var has: [String]

    public init(is: [String: String] = [:], has: [String] = []) {
        self.is = `is`
        self.has = has
    }

    /// Whether the telex is one that the rule asks for. Rules may name any key, headers and plain data too.
    public func matches(_ telex: Telex) -> Bool {
        guard !telex.signals.isEmpty else { return false }
        return has.allSatisfy(telex.has) && `is`.allSatisfy { telex.text(of: $0.key) == $0.value }
    }
}
