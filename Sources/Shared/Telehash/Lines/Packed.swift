/// A value with one state to spare, which stands for "none": an optional that takes no more room than the value.
///
/// There is a line for each peer, and most of what it keeps is optional; plain optionals would make it half as large
/// again.
@propertyWrapper
struct Packed<Value: SpareState>: Sendable {
    private var value: Value

    init(wrappedValue: Value?) {
        value = wrappedValue ?? .spare
    }

    var wrappedValue: Value? {
        get { value == .spare ? nil : value }
        set { value = newValue ?? .spare }
    }
}

/// A type with a value that never occurs.
protocol SpareState: Equatable, Sendable {
    static var spare: Self { get }
}

extension Instant: SpareState {
    static var spare: Instant { Instant(nanoseconds: .min) }
}

extension Int: SpareState {
    static var spare: Int { .min }
}
