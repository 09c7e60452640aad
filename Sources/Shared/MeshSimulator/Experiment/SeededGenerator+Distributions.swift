extension SeededGenerator {
    /// A number of the exponential distribution with mean 1, by comparisons only (von Neumann, 1951): a logarithm may
    /// round differently on another machine, and a seed must mean the same everywhere.
    mutating func nextExponential() -> Double {
        var whole = 0.0
        while true {
            let first = nextUnit()
            var last = first
            var isEven = true
            while true {
                let drawn = nextUnit()
                if drawn >= last { break }
                last = drawn
                isEven.toggle()
            }
            if isEven { return whole + first }
            whole += 1
        }
    }

    /// How long a newcomer stays: Weibull of shape 0.5, many short sessions and some very long ones, as measured in
    /// peer-to-peer networks (Stutzbach and Rejaie, 2006).
    mutating func nextSession(median: Duration) -> Duration {
        let root = nextExponential()
        return median * (root * root / SeededGenerator.medianOfSquare)
    }

    /// How long somebody still stays whom we meet at a random moment in a network that has been running for long: longer
    /// than a newcomer, because long sessions are met more often. For this distribution the root of the rest is the
    /// sum of two exponential numbers.
    mutating func nextRemainingSession(median: Duration) -> Duration {
        let root = nextExponential() + nextExponential()
        return median * (root * root / SeededGenerator.medianOfSquare)
    }

    /// The median of the square of an exponential number: the square of ln 2.
    private static let medianOfSquare = 0.480_453_013_918_201_4

    /// A moment within a duration.
    package mutating func nextMoment(within duration: Duration) -> Duration {
        .nanoseconds(Int64(Double(duration.nanoseconds) * nextUnit()))
    }
}
