import TelehashWire

// Disjoint paths (Baumgart and Mies, "S/Kademlia", 2007): a lookup whose result can't be true is repeated over switches
// that no earlier path met or heard of. Colluders on one path can't lead another one astray.
extension Lookup {
    /// The same search over other switches; `nil` when there were enough paths.
    func nextPath(now: Instant) -> Lookup? {
        guard path < limits.routing.disjointPaths else { return nil }
        var next = Lookup(target: target, startedAt: startedAt, limits: limits)
        next.ids = ids
        next.path = path + 1
        next.avoided = avoided.union(candidates.map(\.endpoint))
        next.earlier = responders
        next.askedEarlier = askedEarlier + asked
        return next
    }

    /// How many of the nearest must have answered. Later paths are wider: colluders know their own neighbourhood by heart,
    /// but can't fill three closest sets before somebody honest is asked.
    var width: Int {
        path == 1 ? limits.routing.k : limits.routing.k * limits.routing.laterPathWidth
    }

    /// Switches that were asked, on all paths.
    var queries: Int { askedEarlier + asked }

    /// Those who answered on this path and on the ones before, nearest first, one per public host.
    var responders: [Candidate] {
        var all = candidates.filter { $0.state == .answered }
        for candidate in earlier
        where !all.contains(where: { AddressDiversity.areTheSameHost(candidate.endpoint, $0.endpoint) }) {
            all.append(candidate)
        }
        return all.sorted { target.isCloser($0.id, than: $1.id) }
    }

    /// The distance of the furthest in the closest set; `nil` when fewer than `k` answered.
    var reach: NodeID? {
        let all = responders
        return all.count < limits.routing.k ? nil : target.distance(to: all[limits.routing.k - 1].id)
    }
}

// Switches that leave our questions unanswered are called: others who know them ask them to greet us (`+pop`), and the
// greeting is answered with the question. That costs no dial, of which an address may only be sent so many (T12).
extension Lookup {
    func canCall(_ candidate: Candidate) -> Bool {
        candidate.mayBeCalled && asked < limits.routing.lookupQuestions
            && (candidate.isCalled || called < limits.routing.callsPerLookup)
    }

    /// The switches that may know a candidate, because they are as near to the target: they answered.
    var witnesses: [Endpoint] {
        candidates.lazy.filter { $0.state == .answered }.prefix(limits.routing.callsPerSwitch).map(\.endpoint)
    }

    /// A switch greets us. Returns whether it was called and its answer is awaited: it is there.
    mutating func didGreet(_ endpoint: Endpoint) -> Bool {
        guard let index = candidates.firstIndex(where: { $0.endpoint == endpoint }), candidates[index].isCalled,
            candidates[index].state != .answered
        else { return false }
        candidates[index].wasGreeted = true
        return true
    }

    /// A call takes a round trip of its own before the question's.
    func patience(with candidate: Candidate, _ patience: Duration) -> Duration {
        candidate.isCalled ? patience * 3 : patience
    }
}
