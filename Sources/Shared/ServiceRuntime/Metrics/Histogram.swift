import Synchronization

/// How often a measured value fell below each of some bounds. An observation is three atomic additions at most.
package final class Histogram: Sendable {
    /// What is measured.
    package enum Unit: Sendable {
        /// Durations, kept in nanoseconds and shown in seconds.
        case seconds
        /// Plain numbers: messages, bytes.
        case ones

        /// Parts of the shown unit in which values are kept.
        var scale: Double {
            switch self {
            case .seconds: 1e9
            case .ones: 1
            }
        }
    }

    /// A picture of a histogram; also what is counted where no atomics are wanted, inside of a value.
    package struct Counts: Hashable, Sendable {
        /// One more than there are bounds; the last one is for what is above all of them.
        package private(set) var buckets: [UInt64]
        package private(set) var sum: UInt64
        private let bounds: [UInt64]

        /// - Parameter bounds: ascending, in the parts that values are given in.
        package init(bounds: [UInt64]) {
            self.bounds = bounds
            buckets = [UInt64](repeating: 0, count: bounds.count + 1)
            sum = 0
        }

        /// What was counted elsewhere.
        /// - Parameter buckets: one more than there are bounds.
        package init(bounds: [UInt64], buckets: [UInt64], sum: UInt64) {
            self.init(bounds: bounds)
            for (index, count) in zip(self.buckets.indices, buckets) { self.buckets[index] = count }
            self.sum = sum
        }

        package mutating func observe(_ value: UInt64) {
            buckets[bounds.firstIndex { value <= $0 } ?? bounds.count] &+= 1
            sum &+= value
        }

        var count: UInt64 { buckets.reduce(0, &+) }
    }

    let bounds: [UInt64]
    let unit: Unit
    private let buckets: [Number]
    private let sum = Number(kind: .counter)

    init(bounds: [UInt64], unit: Unit) {
        self.bounds = bounds
        self.unit = unit
        buckets = (0...bounds.count).map { _ in Number(kind: .counter) }
    }

    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        observe(UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000))
    }

    /// - Parameter value: nanoseconds or ones, as the unit says.
    package func observe(_ value: UInt64) {
        buckets[bounds.firstIndex { value <= $0 } ?? bounds.count].value.wrappingAdd(1, ordering: .relaxed)
        sum.value.wrappingAdd(value, ordering: .relaxed)
    }

    /// Takes over what was counted elsewhere with the same bounds.
    /// - Parameter factor: parts of this histogram in one part of the other.
    package func replace(with counts: Counts, factor: UInt64) {
        for (bucket, count) in zip(buckets, counts.buckets) { bucket.value.store(count, ordering: .relaxed) }
        sum.value.store(counts.sum &* factor, ordering: .relaxed)
    }

    /// The observations up to each bound, the last one being all.
    var cumulated: [UInt64] {
        var total: UInt64 = 0
        return buckets.map { bucket in
            total &+= bucket.value.load(ordering: .relaxed)
            return total
        }
    }

    /// The sum in the shown unit.
    var shownSum: Double { Double(sum.value.load(ordering: .relaxed)) / unit.scale }
}
