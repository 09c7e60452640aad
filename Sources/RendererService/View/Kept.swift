import Synchronization

/// What is made again where it is missing, such as rendered messages; the old half is forgotten when the young one is full.
final class Kept<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Generations {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]
    }

    private let capacity: Int
    private let generations = Mutex(Generations())

    /// - Parameter capacity: values that are kept, 2 or more.
    init(_ capacity: Int) { self.capacity = capacity }

    func contains(_ key: Key) -> Bool { generations.withLock { $0.young[key] != nil || $0.old[key] != nil } }

    func value(of key: Key, _ make: () -> Value) -> Value {
        if let known = generations.withLock({ $0.young[key] }) { return known }
        let value = generations.withLock { $0.old[key] } ?? make()
        generations.withLock { generations in
            generations.young[key] = value
            guard generations.young.count >= capacity / 2 else { return }
            generations.old = generations.young
            generations.young = [:]
        }
        return value
    }
}
