import Synchronization

/// The named numbers of one service: counters that only grow, gauges that go up and down, histograms.
///
/// One registry per process is read by the status message on the bus and by `/metrics`. Names are
/// `[a-z0-9_]+`; other characters are replaced by `_`, because a name may come from foreign input's drop reason.
package final class Counters: Sendable {
    /// The service's short name: `router`, `receiver`, `renderer`.
    package let service: String
    let catalogue: MetricCatalogue
    private let started: ContinuousClock.Instant
    private let numbers = Mutex<[String: Number]>([:])
    private let tables = Mutex<[String: MetricTable]>([:])
    private let histograms = Mutex<[HistogramKey: Histogram]>([:])

    package init(
        service: String, catalogue: MetricCatalogue = MetricCatalogue(), started: ContinuousClock.Instant = .now
    ) {
        self.service = service
        self.catalogue = catalogue
        self.started = started
    }

    /// The counter of that name, made at first use. Keep it: an addition then costs one atomic operation.
    package func counter(_ name: String) -> Counter { Counter(number: number(name, kind: .counter)) }

    /// The gauge of that name, made at first use.
    package func gauge(_ name: String) -> Gauge { Gauge(number: number(name, kind: .gauge)) }

    /// The histogram of that name and these labels, made at first use. Keep it.
    /// - Parameters:
    ///   - name: the family; it ends with the unit where there is one.
    ///   - labels: in the order in which they are shown; the same names for all histograms of the family.
    ///   - bounds: ascending, in nanoseconds or ones.
    package func histogram(
        _ name: String, labels: [MetricLabel] = [], unit: Histogram.Unit = .seconds, bounds: [UInt64]
    ) -> Histogram {
        histograms.withLock { histograms in
            let key = HistogramKey(family: name, labels: labels)
            if let known = histograms[key] { return known }
            let made = Histogram(bounds: bounds, unit: unit)
            histograms[key] = made
            return made
        }
    }

    /// Adds to a counter by name, for rare events.
    package func add(_ name: String, _ amount: UInt64 = 1) { counter(name).add(amount) }

    /// Sets a gauge by name.
    package func set(_ name: String, to value: UInt64) { gauge(name).set(value) }

    /// Takes over totals that are counted elsewhere, such as those of the switch.
    package func replaceTotals(_ totals: [String: UInt64]) {
        for (name, total) in totals { number(name, kind: .counter).value.store(total, ordering: .relaxed) }
    }

    /// Replaces all rows of a family whose members come and go, such as the stores that the router knows.
    package func replace(_ table: MetricTable) {
        tables.withLock { $0[table.name] = table }
    }

    /// All numbers as they are now; each is exact, together they are not one instant.
    package func snapshot() -> [String: UInt64] {
        numbers.withLock { $0.mapValues { $0.value.load(ordering: .relaxed) } }
    }

    /// Since the registry was made, which a service does first.
    package var uptime: Duration { started.duration(to: .now) }

    func sortedNumbers() -> [(name: String, kind: Number.Kind, value: UInt64)] {
        numbers.withLock { numbers in
            numbers.map { (name: $0.key, kind: $0.value.kind, value: $0.value.value.load(ordering: .relaxed)) }
        }.sorted { $0.name < $1.name }
    }

    func allTables() -> [MetricTable] { tables.withLock { Array($0.values) } }

    func allHistograms() -> [(key: HistogramKey, value: Histogram)] {
        histograms.withLock { $0.map { $0 } }
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

/// A label of a metric and its value.
package struct MetricLabel: Hashable, Sendable {
    let name: String
    let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A family of numbers whose members come and go.
package struct MetricTable: Sendable {
    package enum Kind: Sendable { case counter, gauge }

    let name: String
    let kind: Kind
    let help: String
    let rows: [(labels: [MetricLabel], value: UInt64)]

    /// - Parameter name: without the service's prefix and `_total`.
    package init(_ name: String, _ kind: Kind, _ help: String, rows: [(labels: [MetricLabel], value: UInt64)]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.rows = rows
    }
}

struct HistogramKey: Hashable, Sendable {
    let family: String
    let labels: [MetricLabel]
}

/// The storage of one number.
final class Number: Sendable {
    enum Kind: Sendable { case counter, gauge }

    let kind: Kind
    let value = Atomic<UInt64>(0)

    init(kind: Kind) { self.kind = kind }
}

/// A number that only grows (and wraps after 2⁶⁴).
package struct Counter: Sendable {
    let number: Number

    package func add(_ amount: UInt64 = 1) { number.value.wrappingAdd(amount, ordering: .relaxed) }
    package var value: UInt64 { number.value.load(ordering: .relaxed) }
}

/// A number that says how much there is now.
package struct Gauge: Sendable {
    let number: Number

    package func set(_ value: UInt64) { number.value.store(value, ordering: .relaxed) }
    package var value: UInt64 { number.value.load(ordering: .relaxed) }
}
