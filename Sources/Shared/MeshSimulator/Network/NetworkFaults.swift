/// What the simulated network does to datagrams. Probabilities are 0…1, for each datagram on its own.
package struct NetworkFaults: Sendable {
    /// How long a datagram is on its way.
    package var delay: Delay = .uniform(from: .milliseconds(5), to: .milliseconds(50))
    /// Lost.
    package var loss = 0.0
    /// Delivered twice, each copy with a delay of its own.
    package var duplication = 0.0
    /// Held back by up to ``reorderingSpan``, so that later ones overtake it. Uneven delays reorder as well.
    package var reordering = 0.0
    package var reorderingSpan: Duration = .milliseconds(500)
    /// One bit flipped. UDP's checksum catches nearly all of these on a real network.
    package var corruption = 0.0
    /// Cut short. The lengths of IP and UDP tell on a real network; a broken middlebox may not care.
    package var truncation = 0.0

    package init() {}

    /// A network that only takes its time.
    package static let none = NetworkFaults()

    /// The time that a datagram takes.
    package enum Delay: Sendable {
        case uniform(from: Duration, to: Duration)
        /// Pareto with shape 2, cut at the ceiling: most near the floor, a mean of twice the floor, some far above.
        /// Needs a square root only, which rounds alike everywhere, so a seed means the same on every machine.
        case longTailed(floor: Duration, ceiling: Duration)
    }
}

extension NetworkFaults.Delay {
    func nanoseconds(using random: inout SeededGenerator) -> Int64 {
        let unit = random.nextUnit()
        switch self {
        case .uniform(let from, let to):
            let span = max(0, to.nanoseconds - from.nanoseconds)
            return from.nanoseconds + Int64(Double(span) * unit)
        case .longTailed(let floor, let ceiling):
            let stretched = Double(floor.nanoseconds) / (1 - unit).squareRoot()
            return Int64(min(stretched, Double(ceiling.nanoseconds)))
        }
    }
}

extension Duration {
    /// Whole nanoseconds. Durations of a simulation are far from the range's ends.
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
