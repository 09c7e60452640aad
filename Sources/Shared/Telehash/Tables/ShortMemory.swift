/// What is known of many for a while: an entry that was not touched for one to two spans is forgotten. When it is full those
/// go first that were not touched for longest, half of them at once.
struct ShortMemory<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let span: Duration
    private let capacity: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private var turnedAt: Instant

    init(span: Duration, capacity: Int, now: Instant) {
        self.span = span
        self.capacity = max(capacity, 2)
        turnedAt = now
    }

    var count: Int { young.count + old.count }

    mutating func value(of key: Key, now: Instant) -> Value? {
        let age = turnedAt.duration(to: now)
        if age >= span {
            if age >= span * 2 { young = [:] }
            turn(now: now)
        }
        return young[key] ?? old[key]
    }

    /// To be called after ``value(of:now:)``, which forgets what is old.
    mutating func set(_ value: Value, for key: Key, now: Instant) {
        if young[key] == nil {
            old[key] = nil
            if young.count >= capacity / 2 { turn(now: now) }
        }
        young[key] = value
    }

    mutating func removeValue(of key: Key, now: Instant) -> Value? {
        guard let value = value(of: key, now: now) else { return nil }
        if young.removeValue(forKey: key) == nil { old[key] = nil }
        return value
    }

    private mutating func turn(now: Instant) {
        old = young
        young = [:]
        turnedAt = now
    }
}
