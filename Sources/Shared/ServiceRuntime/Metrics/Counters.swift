import Synchronization

/// What a metric is for Prometheus.
package enum MetricKind: String, Sendable { case counter, gauge, histogram }

/// The named numbers of one service: counters that only grow, gauges that go up and down, histograms.
///
/// One registry per process is read by the status message on the bus and by `/metrics`. Names are
/// `[a-z0-9_]+`; other characters are replaced by `_`, because a name may come from foreign input's drop reason.
package final class Counters: Sendable {
    /// The service's short name: `router`, `receiver`, `renderer`.
    package let service: String
    let catalogue: MetricCatalogue
    let numbers = Mutex<[String: Number]>([:])
    let tables = Mutex<[String: MetricTable]>([:])
    let histograms = Mutex<[HistogramKey: Histogram]>([:])

    package init(service: String, catalogue: MetricCatalogue = MetricCatalogue()) {
        self.service = service
        self.catalogue = catalogue
    }

    /// The counter of that name, made at first use. Keep it: an addition then costs one atomic operation.
    package func counter(_ name: String) -> Counter { Counter(number: number(name, kind: .counter)) }

    /// The gauge of that name, made at first use.
    package func gauge(_ name: String) -> Gauge { Gauge(number: number(name, kind: .gauge)) }

    /// The histogram of that name and these labels, made at first use. Keep it.
    /// - Parameters:
    ///   - name: the family; it ends with the unit where there is one.
    ///   - labels: in the order in which they are shown; the same names for all histograms of the family.
    ///   - bounds: ascending, as ``Histogram/Unit`` says.
    package func histogram(
        _ name: String, labels: [MetricLabel] = [], unit: Histogram.Unit = .nanoseconds, bounds: [UInt64]
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
        for (name, total) in totals { number(name, kind: .counter).value = total }
    }

    /// Replaces all rows of a family that is counted elsewhere, or whose members come and go, such as the stores that the
    /// router knows.
    package func replace(_ table: MetricTable) {
        tables.withLock { $0[table.name] = table }
    }

    /// All numbers as they are now; each is exact, together they are not one instant.
    package func snapshot() -> [String: UInt64] {
        numbers.withLock { $0.mapValues(\.value) }
    }

    private func number(_ name: String, kind: MetricKind) -> Number {
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

/// A family of numbers that are told apart by a label, or one number alone.
package struct MetricTable: Sendable {
    let name: String
    let kind: MetricKind
    let help: String
    let rows: [(labels: [MetricLabel], value: UInt64)]

    /// - Parameters:
    ///   - name: without the service's prefix and `_total`.
    ///   - rows: the label's values and the numbers; what is below 0 counts as 0.
    package init<Value: BinaryInteger>(
        _ name: String, _ help: String, _ kind: MetricKind = .gauge, by label: String, _ rows: [(String, Value)]
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.rows = rows.map { ([MetricLabel(label, $0)], UInt64(clamping: $1)) }
    }

    /// One number that says how much there is now.
    package init(_ name: String, _ help: String, _ value: some BinaryInteger) {
        self.name = name
        self.help = help
        kind = .gauge
        rows = [([], UInt64(clamping: value))]
    }
}

struct HistogramKey: Hashable, Sendable {
    let family: String
    let labels: [MetricLabel]
}

/// The storage of one number.
final class Number: Sendable {
    let kind: MetricKind
    private let stored = Atomic<UInt64>(0)

    init(kind: MetricKind) { self.kind = kind }

    var value: UInt64 {
        get { stored.load(ordering: .relaxed) }
        set { stored.store(newValue, ordering: .relaxed) }
    }

    func add(_ amount: UInt64) { stored.wrappingAdd(amount, ordering: .relaxed) }
}

/// A number that only grows (and wraps after 2⁶⁴).
package struct Counter: Sendable {
    let number: Number

    package func add(_ amount: UInt64 = 1) { number.add(amount) }
    package var value: UInt64 { number.value }
}

/// A number that says how much there is now.
package struct Gauge: Sendable {
    let number: Number

    package func set(_ value: UInt64) { number.value = value }
    package var value: UInt64 { number.value }
}
