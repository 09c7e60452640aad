/// Durations as people write them: `5s`, `300ms`, `2m`, `1h`, `1d`, `1.5s`, or plain seconds.
package enum DurationText {
    /// The longest accepted duration, in seconds: ten years, so that arithmetic in nanoseconds cannot overflow.
    package static let maximumSeconds: Double = 10 * 366 * 86_400

    /// - Returns: nil for anything else, and for negative or immense durations.
    package static func parse(_ text: String) -> Duration? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let first = number.first, first != ".", number.last != ".", let value = Double(number),
            let unit = unitSeconds[String(text.dropFirst(number.count))]
        else { return nil }
        let seconds = value * unit
        guard seconds <= maximumSeconds else { return nil }
        return .seconds(seconds)
    }

    private static let unitSeconds: [String: Double] = [
        "": 1, "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400,
    ]

    /// A short form for people: `300 ms`, `5 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`.
    package static func describe(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if seconds < 10, attoseconds != 0 { return "\(duration.inMilliseconds) ms" }
        let units: [(name: String, size: Int64)] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
        guard let index = units.firstIndex(where: { seconds >= $0.size }) else { return "0 s" }
        let large = units[index]
        let whole = "\(seconds / large.size) \(large.name)"
        guard index + 1 < units.count else { return whole }
        let small = units[index + 1]
        let rest = seconds % large.size / small.size
        return rest == 0 ? whole : whole + " \(rest) \(small.name)"
    }
}

extension Duration {
    /// Much faster than the quotient of two durations.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

    /// Whole milliseconds.
    package var inMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
