import Bus

/// Telexes and bytes a second, as a mean over the last seconds.
struct RateMeter: Sendable {
    private var samples: [(at: Duration, counters: [String: UInt64])] = []

    /// - Parameters:
    ///   - counters: of the switch.
    ///   - moment: since any other one, growing.
    mutating func note(_ counters: [String: UInt64], at moment: Duration) {
        samples.append((moment, counters))
        // The oldest is kept until the next one is old enough, so that the window is never too short.
        while samples.count > 2, moment - samples[1].at >= RouterLimits.rateWindow { samples.removeFirst() }
    }

    /// Nil before the second sample.
    var rates: StatusReport.Rates? {
        guard let first = samples.first, let last = samples.last, last.at > first.at else { return nil }
        let seconds = (last.at - first.at) / .seconds(1)
        func rate(_ name: String) -> Double {
            let count = last.counters[name, default: 0] &- first.counters[name, default: 0]
            return RateMeter.rounded(Double(count) / seconds)
        }
        return StatusReport.Rates(
            seconds: RateMeter.rounded(seconds), telexesIn: rate("telexes_received"), telexesOut: rate("telexes_sent"),
            bytesIn: rate("bytes_received"), bytesOut: rate("bytes_sent"))
    }

    /// To a tenth: more would only look precise.
    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
