import TestSupport

/// Kills one process after the other, drawn by lot.
struct Killer: Sendable {
    let stage: Stage
    /// Whose processes; nil: all.
    var victims: [Int]?
    let pause: Duration
    let seed: UInt64

    /// - Returns: who was killed how often, for the report.
    func run(until end: ContinuousClock.Instant) async throws -> String {
        var random = SplitMix(state: seed)
        let victims = victims ?? Array(stage.parts.indices)
        var count = [Int](repeating: 0, count: stage.parts.count)
        var next = ContinuousClock.now + pause
        while next < end {
            try await letTimePass(ContinuousClock.now.duration(to: next))
            let victim = victims[Int.random(in: victims.indices, using: &random)]
            try await stage.kill(victim)
            count[victim] += 1
            next += pause
        }
        return victims.map { "\(stage.parts[$0].name) \(count[$0])" }.joined(separator: ", ")
    }
}

/// SplitMix64 (Steele, Lea, Flood, 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
