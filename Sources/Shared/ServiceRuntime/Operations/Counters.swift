import Synchronization

/// The named numbers of one service: counters that only grow and gauges that go up and down.
///
/// One registry per process is read by the status message on the bus and by `/metrics`. Names are
/// `[a-z0-9_]+`; other characters are replaced by `_`, because a name may come from foreign input's drop reason.
public final class Counters: Sendable {
    /// The service's short name: `router`, `receiver`, `renderer`.
    public let service: String
    private let started: ContinuousClock.Instant
    private let numbers = Mutex<[String: Number]>([:])

    public init(service: String, started: ContinuousClock.Instant = .now) {
        self.service = service
        self.started = started
    }

    /// The counter of that name, made at first use. Keep it: an addition then costs one atomic operation.
    public func counter(_ name: String) -> Counter { Counter(number: number(name, kind: .counter)) }

    /// The gauge of that name, made at first use.
    public func gauge(_ name: String) -> Gauge { Gauge(number: number(name, kind: .gauge)) }

    /// Adds to a counter by name, for rare events.
    public func add(_ name: String, _ amount: UInt64 = 1) { counter(name).add(amount) }

    /// Sets a gauge by name.
    public func set(_ name: String, to value: UInt64) { gauge(name).set(value) }

    /// Takes over totals that are counted elsewhere, such as those of the switch.
    public func replaceTotals(_ totals: [String: UInt64]) {
        for (name, total) in totals { number(name, kind: .counter).value.store(total, ordering: .relaxed) }
    }

    /// All numbers as they are now; each is exact, together they are not one instant.
    public func snapshot() -> [String: UInt64] {
        numbers.withLock { $0.mapValues { $0.value.load(ordering: .relaxed) } }
    }

    /// Since the registry was made, which a service does first.
    public var uptime: Duration { started.duration(to: .now) }

    func sortedNumbers() -> [(name: String, kind: Number.Kind, value: UInt64)] {
        numbers.withLock { numbers in
            numbers.map { (name: $0.key, kind: $0.value.kind, value: $0.value.value.load(ordering: .relaxed)) }
        }.sorted { $0.name < $1.name }
    }

    private func number(_ name: String, kind: Number.Kind) -> Number {
        numbers.withLock { numbers in
            if let known = numbers[name] { return known }
            let clean = Counters.cleaned(name)
            if let known = numbers[clean] { return known }
            let made = Number(kind: kind)
            numbers[clean] = made
            return made
        }
    }

    static func cleaned(_ name: String) -> String {
        let clean = name.lowercased().unicodeScalars.map { scalar in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        }
        return clean.isEmpty ? "_" : String(clean)
    }
}

/// The storage of one number.
final class Number: Sendable {
    enum Kind: Sendable { case counter, gauge }

    let kind: Kind
    let value = Atomic<UInt64>(0)

    init(kind: Kind) { self.kind = kind }
}

/// A number that only grows (and wraps after 2⁶⁴).
public struct Counter: Sendable {
    let number: Number

    public func add(_ amount: UInt64 = 1) { number.value.wrappingAdd(amount, ordering: .relaxed) }
    public var value: UInt64 { number.value.load(ordering: .relaxed) }
}

/// A number that says how much there is now.
public struct Gauge: Sendable {
    let number: Number

    public func set(_ value: UInt64) { number.value.store(value, ordering: .relaxed) }
    public var value: UInt64 { number.value.load(ordering: .relaxed) }
}
