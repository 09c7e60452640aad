/// Every figure that bounds what a ``Switch`` keeps, sends or believes, a group for each layer. The defaults are the
/// protocol's; tests and the simulator may change them: `limits.routing.k = 20`.
///
/// "Part A" and "part B" are the parts of the project's Telehash notes, T1…T28 its table of threats.
///
/// The figures are shared by all copies, because nearly every step of a switch passes them on and none changes them.
@dynamicMemberLookup
public struct Limits: Sendable {
    /// The groups.
    public struct Groups: Sendable {
        public var lines = LineLimits()
        public var routing = RoutingLimits()
        public var exchange = ExchangeLimits()
        public var trees = TreeLimits()
    }

    private final class Shared: Sendable {
        let groups: Groups

        init(_ groups: Groups) {
            self.groups = groups
        }
    }

    public static let `default` = Limits()

    private var shared = Shared(Groups())

    public subscript<Group>(dynamicMember path: WritableKeyPath<Groups, Group>) -> Group {
        @inline(__always) get { shared.groups[keyPath: path] }
        set {
            var groups = shared.groups
            groups[keyPath: path] = newValue
            shared = Shared(groups)
        }
    }
}
