import TelehashWire

/// Switches that answered us, in this life or an earlier one: where to begin again when no seed answers (T10).
///
/// They are dialled at the start, and again and again while we know nobody, after pauses that double. Other than seeds nobody chose them, so each
/// dial is paid for from the budgets, and their word about our address is one among many.
struct KnownSwitches: Sendable {
    /// The best of an earlier life first; whoever is met comes to the front.
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
