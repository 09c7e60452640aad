import TelehashWire

/// The addresses of those that a switch was told to begin with, and when each is to be dialled again.
struct Seeds: Sendable {
    private struct Seed: Sendable {
        let endpoint: Endpoint
        var nextDialAt: Instant
        /// Whether it was dialled and not heard since.
        var isMissing = false
        var pause: Duration
    }

    private let limits: Limits
    private var seeds: [Seed]
    /// Whether names of more are still being looked up.
    var awaitsMore = false

    init(_ endpoints: [Endpoint], now: Instant, limits: Limits) {
        self.limits = limits
        var known: Set<Endpoint> = []
        seeds = endpoints.filter { known.insert($0).inserted }.map {
            Seed(endpoint: $0, nextDialAt: now, pause: limits.routing.seedBackoff)
        }
    }

    /// Other addresses are known for the seeds: those that are new are due at once, the others keep their pauses.
    mutating func replace(with endpoints: [Endpoint], now: Instant) {
        let before = seeds
        seeds = Seeds(endpoints, now: now, limits: limits).seeds.map { seed in
            before.first { $0.endpoint == seed.endpoint } ?? seed
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
    /// (`isAlone`), seldom when we do, and still more seldom when it was there the last time and we know many others. Those that are `connected` need none.
    mutating func due(
        now: Instant, isAlone: Bool, knowsFew: Bool, connected: [Endpoint],
        using random: inout some RandomNumberGenerator
    ) -> [Endpoint] {
        var due: [Endpoint] = []
        for index in seeds.indices where seeds[index].nextDialAt <= now {
            let isConnected = connected.contains(seeds[index].endpoint)
            let wasMissing = seeds[index].isMissing
            if !isConnected {
                due.append(seeds[index].endpoint)
                seeds[index].isMissing = true
            }
            if isAlone && !isConnected {
                seeds[index].nextDialAt = now.advanced(by: seeds[index].pause)
                seeds[index].pause = min(seeds[index].pause * 2, limits.routing.seedBackoffCeiling)
            } else {
                let extra = Double.random(in: 0...1, using: &random)
                let interval =
                    knowsFew || wasMissing ? limits.routing.lostSeedInterval : limits.routing.distantSeedInterval
                seeds[index].nextDialAt = now.advanced(by: interval * (1 + extra))
                seeds[index].pause = limits.routing.seedBackoff
            }
        }
        return due
    }

    /// A seed spoke to us.
    mutating func didHear(_ endpoint: Endpoint) {
        if let index = seeds.firstIndex(where: { $0.endpoint == endpoint }) { seeds[index].isMissing = false }
    }

    /// A seed that we had a line with does not answer any more: it may come back.
    mutating func didLose(
        _ endpoint: Endpoint, now: Instant, using random: inout some RandomNumberGenerator
    ) {
        guard let index = seeds.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        seeds[index].isMissing = true
        let pause = limits.routing.lostSeedInterval * (1 + Double.random(in: 0...1, using: &random))
        seeds[index].nextDialAt = min(seeds[index].nextDialAt, now.advanced(by: pause))
    }

    /// We lost everybody: begin again at once.
    mutating func restart(now: Instant) {
        for index in seeds.indices {
            seeds[index].nextDialAt = min(seeds[index].nextDialAt, now)
            seeds[index].pause = limits.routing.seedBackoff
        }
    }
}
