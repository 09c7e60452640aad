import Synchronization

/// How often a measured value fell below each of some bounds.
package final class Histogram: Sendable {
    /// What is measured.
    package enum Unit: Sendable {
        /// Durations, shown in seconds.
        case nanoseconds, milliseconds
        /// Plain numbers: messages, bytes.
        case ones

        /// Parts of the shown unit in which values are kept.
        var scale: Double {
            switch self {
            case .nanoseconds: 1e9
            case .milliseconds: 1e3
            case .ones: 1
            }
        }
    }

    let bounds: [UInt64]
    let unit: Unit
    /// One count more than there are bounds; the last one is for what is above all of them.
    private let counted: Mutex<(counts: [UInt64], sum: UInt64)>

    init(bounds: [UInt64], unit: Unit) {
        self.bounds = bounds
        self.unit = unit
        counted = Mutex(([UInt64](repeating: 0, count: bounds.count + 1), 0))
    }

    package func observe(_ duration: Duration) {
        observe(UInt64(max(duration, .zero) / .nanoseconds(1)))
    }

    /// - Parameter value: in parts of the unit.
    package func observe(_ value: UInt64) {
        counted.withLock {
            $0.counts[bounds.firstIndex { value <= $0 } ?? bounds.count] &+= 1
            $0.sum &+= value
        }
    }

    /// Takes over what was counted elsewhere with the same bounds.
    package func replace(counts: [UInt64], sum: UInt64) { counted.withLock { $0 = (counts, sum) } }

    /// The observations up to each bound, the last one being all.
    var cumulated: [UInt64] {
        var total: UInt64 = 0
        return counted.withLock { $0.counts }.map { count in
            total &+= count
            return total
        }
    }

    /// The sum in the shown unit.
    var shownSum: Double { Double(counted.withLock { $0.sum }) / unit.scale }
}
