/// Every figure that bounds what a ``Switch`` keeps, sends or believes. The defaults are the protocol's; tests and
/// the simulator may change them, by the names in ``LimitValues``: `limits.k = 20`.
///
/// The figures are shared by all copies, because nearly every step of a switch passes them on and none changes them.
@dynamicMemberLookup
public struct Limits: Sendable {
    private final class Shared: Sendable {
        let values: LimitValues

        init(_ values: LimitValues) {
            self.values = values
        }
    }

    public static let `default` = Limits()

    private var shared: Shared

    public init() {
        shared = Shared(LimitValues())
    }

    public subscript<Value>(dynamicMember path: WritableKeyPath<LimitValues, Value>) -> Value {
        @inline(__always) get { shared.values[keyPath: path] }
        set {
            var values = shared.values
            values[keyPath: path] = newValue
            shared = Shared(values)
        }
    }
}
