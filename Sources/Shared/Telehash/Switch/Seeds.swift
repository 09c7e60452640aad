/// The addresses that a switch was configured with, and when each is to be dialled again.
struct Seeds: Sendable {
    private struct Seed: Sendable {
        let endpoint: Endpoint
        var nextDialAt: Instant
        var pause: Duration
    }

    private var seeds: [Seed]

    init(_ endpoints: [Endpoint], now: Instant, limits: Limits) {
        var known: Set<Endpoint> = []
        seeds = endpoints.filter { known.insert($0).inserted }.map {
            Seed(endpoint: $0, nextDialAt: now, pause: limits.seedBackoff)
        }
    }

    var isEmpty: Bool { seeds.isEmpty }
    var endpoints: [Endpoint] { seeds.map(\.endpoint) }

    func contains(_ endpoint: Endpoint) -> Bool {
        seeds.contains { $0.endpoint == endpoint }
    }

    /// When the next seed is due.
    var deadline: Instant {
        seeds.reduce(.distantFuture) { min($0, $1.nextDialAt) }
    }

    /// The seeds that are due, whose next dial is planned at once: soon and then less often while we know nobody
    /// (`isAlone`), seldom when we do. Those that are `connected` need none.
    mutating func due(
        now: Instant, isAlone: Bool, connected: [Endpoint], limits: Limits,
        using random: inout some RandomNumberGenerator
    ) -> [Endpoint] {
        var due: [Endpoint] = []
        for index in seeds.indices where seeds[index].nextDialAt <= now {
            let isConnected = connected.contains(seeds[index].endpoint)
            if !isConnected { due.append(seeds[index].endpoint) }
            if isAlone && !isConnected {
                seeds[index].nextDialAt = now.advanced(by: seeds[index].pause)
                seeds[index].pause = min(seeds[index].pause * 2, limits.seedBackoffCeiling)
            } else {
                let extra = Double.random(in: 0...1, using: &random)
                seeds[index].nextDialAt = now.advanced(by: limits.lostSeedInterval * (1 + extra))
                seeds[index].pause = limits.seedBackoff
            }
        }
        return due
    }

    /// We lost everybody: begin again at once.
    mutating func restart(now: Instant, limits: Limits) {
        for index in seeds.indices {
            seeds[index].nextDialAt = min(seeds[index].nextDialAt, now)
            seeds[index].pause = limits.seedBackoff
        }
    }
}
