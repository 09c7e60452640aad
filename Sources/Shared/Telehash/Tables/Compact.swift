// What is kept small because a switch has many of it, and a simulation a hundred thousand times as many.

/// A value with one state to spare, which stands for "none": an optional that takes no more room than the value.
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

extension Array {
    /// Room for one more, and when there is none for a quarter more and not for twice as many.
    mutating func makeRoom() {
        if count == capacity { reserveCapacity(count + count / 4 + 4) }
    }

    /// Gives memory back where three quarters of it are free.
    mutating func giveBackRoom() {
        guard capacity > 32, count < capacity / 4 else { return }
        // An array that is made of another one would share its memory.
        var fresh: [Element] = []
        fresh.reserveCapacity(count)
        for element in self { fresh.append(element) }
        self = fresh
    }
}

extension Dictionary {
    /// As for arrays.
    mutating func giveBackRoom() {
        guard capacity > 32, count < capacity / 8 else { return }
        self = Dictionary(uniqueKeysWithValues: map { ($0.key, $0.value) })
    }
}
