import TelehashWire

// What happens to hosts.
extension Parents {
    /// The closest switches are these, nearest first; those beyond `k` are reserves. Those that are new are to be asked.
    ///
    /// - Parameter silent: those that others named and that did not answer: no hosts for us now, but whoever speaks tries
    ///   to reach them.
    mutating func foundRoots(_ roots: [Endpoint], silent: [Endpoint] = [], now: Instant) {
        for index in hosts.indices where hosts[index].isRoot {
            let endpoint = hosts[index].endpoint
            hosts[index].lookupsAway = (roots + silent).contains(endpoint) ? 0 : hosts[index].lookupsAway + 1
            hosts[index].isReserve = !(roots.prefix(limits.routing.k) + silent).contains(endpoint)
        }
        if roots.count >= limits.routing.k { furthestRoot = roots[limits.routing.k - 1].nodeID }
        hosts.removeAll { $0.isRoot && $0.lookupsAway >= limits.trees.lookupsUntilRootIsForgotten }
        for (rank, root) in roots.enumerated() {
            if let known = index(of: root) {
                // Where it stood before is old; one that serves us tells when that changes.
                if !hosts[known].isServing { hosts[known].level = 0 }
                hosts[known].isRoot = true
                hosts[known].isReserve = rank >= limits.routing.k
            } else {
                addRoot(root, isReserve: rank >= limits.routing.k, state: .dialled, now: now)
            }
        }
        for root in silent where index(of: root) == nil {
            addRoot(root, isReserve: false, state: .refused, now: now)
        }
        for index in hosts.indices where !hosts[index].isRoot {
            hosts[index].isReserve = isReserve(hosts[index].branch)
        }
        lookupsMissed = silent.isEmpty ? 0 : lookupsMissed + 1
        dueAt = now
    }

    /// When the closest switches are to be looked for again because some did not answer; `nil` when all did.
    var pauseOfLookup: Duration? {
        guard lookupsMissed > 0 else { return nil }
        return min(limits.routing.silentFor * (1 << min(lookupsMissed - 1, 8)), limits.exchange.endLookupInterval)
    }

    /// Hosts that hold our tap from the time when all of the closest did.
    mutating func assume(_ root: Endpoint, isReserve: Bool, now: Instant) {
        guard index(of: root) == nil else { return }
        addRoot(root, isReserve: isReserve, state: .asked(tries: 0), now: now)
    }

    private mutating func addRoot(_ root: Endpoint, isReserve: Bool, state: State, now: Instant) {
        add(
            Host(
                endpoint: root, branch: root, isRoot: true, isReserve: isReserve, level: 0, state: state, since: now))
    }

    /// Our tap went out to a host.
    mutating func didTap(_ endpoint: Endpoint, mark: TreeMark, now: Instant) {
        guard let index = index(of: endpoint) else { return }
        hosts[index].markTold = mark
        hosts[index].markToldAt = now
        switch hosts[index].state {
        case .dialled: change(index, to: .asked(tries: 1), now: now)
        case .asked(let tries): change(index, to: .asked(tries: tries + 1), now: now)
        case .serving, .refused: break
        }
    }

    /// The host holds our tap and stands at this level: it said so, or it is only assumed.
    mutating func isServed(
        by endpoint: Endpoint, level: Int, isAssumed: Bool = false, now: Instant
    ) {
        guard let index = index(of: endpoint), hosts[index].wantsTap else { return }
        guard level < limits.trees.treeDepth else { return lose(endpoint, now: now) }
        hosts[index].level = level
        hosts[index].isAssumed = isAssumed
        if !hosts[index].isServing { change(index, to: .serving, now: now) }
        if level > 0 { noteTree(now: now) }
        dueAt = now
    }

    /// The host does not hold our tap, and names others.
    mutating func isSentOn(
        by endpoint: Endpoint, level: Int, to named: [Endpoint], teller: LineTable.Handle, now: Instant
    ) {
        noteTree(now: now)
        lose(endpoint, now: now)
        guard let host = index(of: endpoint) else { return }
        hosts[host].level = level
        guard level + 1 < limits.trees.treeDepth else { return }
        // Below each reserve one is enough, and there may be many of those.
        let few = hosts[host].isReserve ? limits.trees.parentsWanted : named.count
        for other in named.prefix(few) where index(of: other) == nil {
            candidates.removeAll { $0.endpoint == other }
            candidates.append(
                Candidate(endpoint: other, branch: hosts[host].branch, level: level + 1, teller: teller))
        }
        if candidates.count > limits.trees.treeCandidates {
            candidates.removeFirst(candidates.count - limits.trees.treeCandidates)
        }
    }

    /// The host brings nothing any more.
    mutating func lose(_ endpoint: Endpoint, now: Instant) {
        guard let index = index(of: endpoint), hosts[index].state != .refused else { return }
        change(index, to: .refused, now: now)
        dueAt = now
    }

    /// A root is asked once more.
    mutating func retry(_ endpoint: Endpoint, now: Instant) {
        guard let index = index(of: endpoint), hosts[index].state == .refused else { return }
        change(index, to: .dialled, now: now)
    }

    /// The host was asked for a sign of life, or gave one.
    mutating func setPinged(_ endpoint: Endpoint, _ isPinged: Bool) {
        if let index = index(of: endpoint) { hosts[index].isPinged = isPinged }
    }

    mutating func plan(now: Instant) {
        let isMoving = hosts.contains(where: \.isPending) || reliable.count < limits.trees.parentsWanted
        dueAt = now.advanced(by: isMoving ? limits.trees.treePace : limits.trees.treeRest)
        if let news = news.oldest { dueAt = min(dueAt, news.advanced(by: limits.trees.newsPatience)) }
    }

    /// Counts what the hosts brought. Those that missed too much don't count as parents for a while, or until they bring
    /// something. Returns how many that are anew.
    mutating func judge(now: Instant) -> Int {
        for index in hosts.indices where hosts[index].blamedUntil.map({ $0 <= now }) == true {
            hosts[index].blamedUntil = nil
        }
        var blamed = 0
        for message in news.ripe(now: now, patience: limits.trees.newsPatience) {
            for index in hosts.indices where hosts[index].isServing && hosts[index].since < message.at {
                let brought = message.bringers.contains(hosts[index].endpoint)
                if brought { hosts[index].isAssumed = false }
                guard message.isAccepted, judge(index, brought: brought, message) else { continue }
                hosts[index].blamedUntil = now.advanced(by: limits.exchange.silenceRemembered)
                blamed += 1
            }
        }
        return blamed
    }

    /// Whether a host is to be blamed, by one message that it brought or missed.
    private mutating func judge(
        _ index: Int, brought: Bool, _ message: BroughtMessages.Message
    ) -> Bool {
        if brought {
            hosts[index].missed = 0
            hosts[index].blamedUntil = nil
        } else if message.witnesses >= limits.trees.witnesses, hosts[index].blamedUntil == nil,
            hosts[index].missedAt.map({ $0.duration(to: message.at) >= limits.trees.newsPatience }) ?? true
        {
            hosts[index].missed += 1
            hosts[index].missedAt = message.at
        }
        guard hosts[index].missed >= limits.trees.missesOfSilentParent else { return false }
        hosts[index].missed = 0
        return true
    }

    private mutating func change(_ index: Int, to state: State, now: Instant) {
        hosts[index].state = state
        hosts[index].since = now
        hosts[index].missed = 0
        hosts[index].blamedUntil = nil
        hosts[index].isPinged = false
    }

    /// The refusal that is oldest gives way.
    mutating func add(_ host: Host) {
        if hosts.count >= limits.trees.treeHosts {
            guard
                let oldest = hosts.indices.filter({ hosts[$0].state == .refused && !hosts[$0].isRoot })
                    .min(by: { hosts[$0].since < hosts[$1].since })
            else { return }
            hosts.remove(at: oldest)
        }
        hosts.append(host)
    }
}
