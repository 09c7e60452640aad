/// One line of the table: what was promised and what was measured.
struct Figure: Sendable {
    let what: String
    let goal: String
    let measured: String
    let isMet: Bool
    /// How it was measured, in a few words.
    let how: String
}

/// Something that measures one or more figures.
struct Benchmark: Sendable {
    /// The word that chooses it on the command line.
    let name: String
    let measure: @Sendable () async throws -> [Figure]
}

/// Measured values in the order of their size.
struct Samples: Sendable {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    /// The smallest value that at least this share (0…1) of all values does not exceed; NaN for no values.
    func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    var median: Double { quantile(0.5) }
    var largest: Double { sorted.last ?? .nan }
}

extension Double {
    /// With as many decimals as are worth reading.
    var short: String {
        guard isFinite else { return "-" }
        let digits = magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0
        let scale = [1.0, 10, 100][digits]
        let scaled = Int64((self * scale).rounded())
        guard digits > 0 else { return String(scaled) }
        let fraction = String(scaled.magnitude % UInt64(scale))
        let zeros = String(repeating: "0", count: digits - fraction.utf8.count)
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / UInt64(scale)).\(zeros)\(fraction)"
    }
}
