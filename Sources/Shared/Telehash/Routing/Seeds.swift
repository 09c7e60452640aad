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

/// Switches that answered us, in this life or an earlier one: where to begin again when no seed answers (T10).
///
/// They are dialled at the start, and again and again while we know nobody, after pauses that double. Other than seeds nobody chose them, so each
/// dial is paid for from the budgets, and their word about our address is one among many.
struct KnownSwitches: Sendable {
    /// The best of an earlier life first; a switch that is met comes to the front.
    private(set) var endpoints: [Endpoint] = []
    /// When they are to be dialled the next time; never while we know somebody.
    private(set) var deadline: Instant
    private var pause: Duration
    private let limits: Limits

    init(_ endpoints: [Endpoint], now: Instant, limits: Limits) {
        self.limits = limits
        deadline = endpoints.isEmpty ? .distantFuture : now
        pause = limits.routing.seedBackoff
        for endpoint in endpoints.reversed() { remember(endpoint) }
    }

    /// Takes note of a switch. One neighbourhood of the address space can't push out all others (T8).
    mutating func remember(_ endpoint: Endpoint) {
        if let position = endpoints.firstIndex(of: endpoint) {
            endpoints.remove(at: position)
        } else if let position = neighbourThatGivesWay(to: endpoint) {
            endpoints.remove(at: position)
        } else if endpoints.count >= limits.routing.knownSwitches {
            endpoints.removeLast()
        }
        endpoints.insert(endpoint, at: 0)
    }

    /// Those to dial now, which plans the next time.
    mutating func due(now: Instant, isAlone: Bool) -> [Endpoint] {
        guard deadline <= now else { return [] }
        guard isAlone else {
            deadline = .distantFuture
            return []
        }
        deadline = now.advanced(by: pause)
        pause = min(pause * 2, limits.routing.knownBackoffCeiling)
        return endpoints
    }

    /// We lost everybody: begin again at once.
    mutating func restart(now: Instant) {
        deadline = endpoints.isEmpty ? .distantFuture : now
        pause = limits.routing.seedBackoff
    }

    /// The last one of the same neighbourhood, when that has its share.
    private func neighbourThatGivesWay(to endpoint: Endpoint) -> Int? {
        guard endpoint.isPublic else { return nil }
        let group = AddressDiversity.tableGroup(of: endpoint)
        let neighbours = endpoints.indices.filter {
            endpoints[$0].isPublic && AddressDiversity.tableGroup(of: endpoints[$0]) == group
        }
        return neighbours.count >= limits.routing.perGroupInTable ? neighbours.last : nil
    }
}
