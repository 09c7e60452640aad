import Bus

/// Telexes and bytes a second, as a mean over the last seconds.
struct RateMeter: Sendable {
    struct Totals: Sendable {
        var telexesIn: UInt64
        var telexesOut: UInt64
        var bytesIn: UInt64
        var bytesOut: UInt64

        init(_ counters: [String: UInt64]) {
            telexesIn = counters["telexes_received"] ?? 0
            telexesOut = counters["telexes_sent"] ?? 0
            bytesIn = counters["bytes_received"] ?? 0
            bytesOut = counters["bytes_sent"] ?? 0
        }
    }

    private var samples: [(at: Duration, totals: Totals)] = []

    /// - Parameter at: since any moment, growing.
    mutating func note(_ totals: Totals, at moment: Duration) {
        samples.append((moment, totals))
        // The oldest is kept until the next one is old enough, so that the window is never too short.
        while samples.count > 2, moment - samples[1].at >= RouterLimits.rateWindow { samples.removeFirst() }
    }

    /// Nil before the second sample.
    var rates: StatusReport.Rates? {
        guard let first = samples.first, let last = samples.last, last.at > first.at else { return nil }
        let seconds = (last.at - first.at) / .seconds(1)
        func rate(_ part: KeyPath<Totals, UInt64>) -> Double {
            RateMeter.rounded(Double(last.totals[keyPath: part] &- first.totals[keyPath: part]) / seconds)
        }
        return StatusReport.Rates(
            seconds: RateMeter.rounded(seconds), telexesIn: rate(\.telexesIn), telexesOut: rate(\.telexesOut),
            bytesIn: rate(\.bytesIn), bytesOut: rate(\.bytesOut))
    }

    /// To a tenth: more would only look precise.
    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
