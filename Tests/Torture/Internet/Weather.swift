import TestSupport

/// What happens to packets on their way. Probabilities are 0…1, for each packet on its own.
struct Weather: Sendable {
    var loss = 0.0
    /// One way.
    var delay = Duration.zero
    /// The delay varies by as much in both directions, evenly, so that packets overtake each other.
    var jitter = Duration.zero
    var duplication = 0.0
    /// Sent at once, past all that are on their way.
    var reordering = 0.0

    static let fair = Weather()

    /// The way to the other side of a continent and back again, and so much loss.
    static func bad(loss: Double) -> Weather {
        Weather(
            loss: loss, delay: .milliseconds(50), jitter: .milliseconds(10), duplication: 0.01, reordering: 0.01)
    }

    var isFair: Bool { loss == 0 && delay == .zero && duplication == 0 && reordering == 0 }

    /// As netem's own words.
    var netem: [String] {
        func percent(_ share: Double) -> String { "\(share * 100)%" }
        var words = ["netem", "limit", "10000"]
        if delay > .zero { words += ["delay", "\(delay.milliseconds)ms", "\(jitter.milliseconds)ms"] }
        if loss > 0 { words += ["loss", percent(loss)] }
        if duplication > 0 { words += ["duplicate", percent(duplication)] }
        if reordering > 0, delay > .zero { words += ["reorder", percent(reordering)] }
        return words
    }

    /// When the copies of one packet arrive: none, one or two.
    func arrivals(using random: inout some RandomNumberGenerator) -> [Duration] {
        func happens(_ share: Double) -> Bool { share > 0 && Double.random(in: 0..<1, using: &random) < share }
        let copies = happens(duplication) ? 2 : 1
        return (0..<copies).compactMap { _ in
            if happens(loss) { return nil }
            if happens(reordering) { return .zero }
            return max(.zero, delay + jitter * Double.random(in: -1...1, using: &random))
        }
    }
}
