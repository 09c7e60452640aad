import TelehashWire

extension Routing {
    /// Looks a place up, unless that was done or begun within `span`.
    mutating func lookUp(_ target: NodeID, unlessWithin span: Duration = .zero, _ moment: inout Moment) {
        guard !isAlone, !lookups.isFresh(target, within: span, now: moment.now) else { return }
        if lookups.request(target) {
            lookups.isMoving = true
        } else {
            moment.count(.lookupQueueFull)
        }
    }

    /// Looks a place up for the application.
    mutating func lookUp(_ target: NodeID, as id: LookupID, _ moment: inout Moment) {
        lookUp(target, &moment)
        guard !lookups.isPending(target) else { return lookups.name(target, id) }
        let nobody = LookupReport(id: id, target: target, closest: [], queries: 0, hops: 0, took: .zero)
        moment.effects.append(.found(nobody))
    }

    /// Somebody joined while we knew few: find out who is around us and around our ends now.
    mutating func lookUpAfterJoin(ends: [NodeID], _ moment: inout Moment) {
        guard refresh.takeJoin(now: moment.now) else { return }
        for target in [place] + ends { lookUp(target, &moment) }
    }

    /// Looks up our own place, and once that is settled also a place in the bucket that nobody looked at for longest.
    mutating func refreshTable(ends: [NodeID], _ moment: inout Moment) {
        let jitter = Double.random(in: 0...0.25, using: &moment.random)
        let pause = refresh.takeDue(jitter: jitter, isAlone: isAlone, now: moment.now)
        guard !isAlone else { return }
        lookUp(place, &moment)
        if pause < limits.routing.lookupInterval { for end in ends { lookUp(end, &moment) } }
        if pause >= limits.routing.ownLookupInterval, let bucket = buckets.nextToRefresh(now: moment.now) {
            lookUp(NodeID.random(inBucket: bucket, of: place, using: &moment.random), &moment)
        }
    }

    /// Begins the lookups that waited, from `roots` that the layer above knows near a place, and asks the next switches of
    /// all that run. Returns those that are finished.
    mutating func advanceLookups(from roots: (NodeID) -> [Endpoint], _ moment: inout Moment) -> [Lookup] {
        while let index = lookups.startNext(now: moment.now) {
            begin(index, from: roots(lookups.running[index].target), &moment)
        }
        for index in lookups.running.indices { askNext(in: index, &moment) }
        return lookups.removeFinished()
    }

    /// Goes on with a finished lookup along another path, if what it found can't be true. Otherwise it is over.
    mutating func goOn(with lookup: Lookup, isAnEnd: Bool, from roots: [Endpoint], _ moment: inout Moment) -> Bool {
        guard let next = nextPath(after: lookup, isAnEnd: isAnEnd, &moment) else {
            lookups.totals.note(lookup, now: moment.now)
            return false
        }
        lookups.running.append(next)
        begin(lookups.running.count - 1, from: roots, &moment)
        return true
    }

    private mutating func begin(_ index: Int, from known: [Endpoint], _ moment: inout Moment) {
        moment.count(.lookups)
        let target = lookups.running[index].target
        let count = limits.routing.k + lookups.running[index].avoided.count
        for endpoint in known where mayMeet(endpoint, toldBy: nil) {
            lookups.running[index].offer(endpoint, id: endpoint.nodeID)
        }
        for slot in lines.closestSwitches(to: target, count: count) {
            lookups.running[index].offer(lines[slot].endpoint, id: lines[slot].id)
        }
        // Entries first: hearsay alone must not decide where a lookup begins (T9).
        let fresh = moment.now.advanced(by: .zero - limits.routing.entryFreshness)
        offer(
            buckets.closest(to: target, count: count)
                + buckets.candidates(closestTo: target, count: 2 * limits.routing.k, heardSince: fresh), to: index)
        guard lookups.running[index].candidates.count < limits.routing.k else { return }
        offer(buckets.replacements(closestTo: target, count: limits.routing.k), to: index)
    }

    private mutating func offer(_ entries: [Buckets.Entry], to index: Int) {
        for entry in entries where mayMeet(entry.endpoint, toldBy: nil) {
            lookups.running[index].offer(entry.endpoint, id: entry.id)
        }
    }

    private mutating func askNext(in index: Int, _ moment: inout Moment) {
        while let candidate = lookups.running[index].next(now: moment.now) {
            let endpoint = candidate.endpoint
            let target = lookups.running[index].target
            let outcome =
                candidate.isCalled
                ? call(candidate, for: target, through: lookups.running[index].witnesses, &moment)
                : askOrDial(candidate, for: target, &moment)
            switch outcome {
            case .asked: continue
            case .later(let time): return lookups.running[index].postpone(endpoint, until: time)
            case .never: lookups.running[index].didFail(endpoint)
            }
        }
    }

    private mutating func askOrDial(
        _ candidate: Lookup.Candidate, for target: NodeID, _ moment: inout Moment
    ) -> DialOutcome {
        guard let slot = lines.provenSlot(of: candidate.endpoint) else {
            if silent.contains(candidate.endpoint, now: moment.now) { return .never }
            return dial(candidate.endpoint, for: target, toldBy: candidate.teller, &moment)
        }
        return lines.ask(slot, for: target, &moment) ? .asked : .never
    }

    /// A line was proven by a greeting, which answers nothing: the switch had heard us, and only its answers were lost.
    mutating func askGreeter(_ slot: Int, _ moment: inout Moment) {
        for target in lookups.didGreet(lines[slot].endpoint) { _ = lines.ask(slot, for: target, &moment) }
    }

    /// Has a switch called that does not answer, or must not be dialled once more: others ask it to greet us, and its
    /// greeting is answered with the question. On a line that stands it is simply asked again.
    private mutating func call(
        _ candidate: Lookup.Candidate, for target: NodeID, through witnesses: [Endpoint], _ moment: inout Moment
    ) -> DialOutcome {
        guard let slot = lines.slot(of: candidate.endpoint) ?? open(candidate.endpoint, &moment) else { return .never }
        if lines[slot].isProven { return lines.ask(slot, for: target, &moment) ? .asked : .never }
        if lines[slot].wasGreeted, lines.askStranger(slot, for: target, &moment) { return .asked }
        let known = [candidate.teller] + witnesses.map { lines.slot(of: $0).map(lines.handle) }
        var wasAsked = false
        for helper in known.compactMap(\.self) where helper.slot != UInt32(slot) {
            if askToGreet(candidate.id, through: helper, &moment) { wasAsked = true }
        }
        guard wasAsked else { return .never }
        lines.didCall(slot, for: target, now: moment.now)
        return .asked
    }

    /// Gives an answer to the lookup that waits for it, the one that asked first; its names are news to all that ask
    /// the same peer.
    mutating func tellLookups(_ see: [Endpoint], by slot: Int, isShort: Bool, now: Instant) {
        let peer = lines[slot].endpoint
        let teller = lines.handle(slot)
        var first: (index: Int, since: Instant)?
        for index in lookups.running.indices {
            guard let (since, depth) = lookups.running[index].awaits(peer) else { continue }
            for endpoint in see {
                lookups.running[index].offer(endpoint, id: endpoint.nodeID, toldBy: teller, depth: depth + 1)
            }
            if let best = first, best.since <= since { continue }
            first = (index, since)
        }
        guard let first else { return }
        if let took = lookups.running[first.index].didAnswer(peer, isShort: isShort, now: now) {
            answerTime.didTake(took)
        }
        lookups.isMoving = true
    }

    mutating func expireLookups(_ moment: inout Moment) {
        for index in lookups.running.indices {
            for endpoint in lookups.running[index].expire(now: moment.now, patience: answerTime.patience) {
                if let slot = lines.provenSlot(of: endpoint) {
                    // Its next keepalive will tell; a line that nobody needs ends by itself.
                    lines.planKeepalive(on: slot, at: moment.now)
                } else {
                    giveUp(endpoint, id: endpoint.nodeID, &moment)
                }
            }
        }
        lookups.isMoving = true
    }

    /// The peer of a line began anew: what it was asked before never reached it.
    mutating func didRestart(_ slot: Int) {
        for index in lookups.running.indices { lookups.running[index].didRestart(lines[slot].endpoint) }
        lookups.isMoving = true
    }
}

// What is done about closest sets that can't be true (T8, T9); see ``Density``.
extension Routing {
    /// Judges what a lookup found. The path to go on with, when it can't be true and others are left; only for places
    /// at which something is heard or said, because the others are looked up again soon.
    private mutating func nextPath(after lookup: Lookup, isAnEnd: Bool, _ moment: inout Moment) -> Lookup? {
        guard let reach = lookup.reach else { return nil }
        if isAnEnd, let doubt = density.doubt(furthest: reach, count: limits.routing.k) {
            moment.count(doubt == .dense ? .lookupsDense : .lookupsSparse)
            // The crowd around an end hides the switches behind it; those that are asked for the places beside it name
            // them.
            for sibling in doubt == .dense ? density.siblings(of: lookup.target) : [] {
                lookUp(sibling, unlessWithin: limits.routing.lookupInterval, &moment)
            }
            if let next = lookup.nextPath(now: moment.now) { return next }
        }
        measure(lookup.target, reach: reach, isAnEnd: isAnEnd, &moment)
        return nil
    }

    /// Our own place and the ends are where a crowd would stand, so the ring is measured elsewhere. Places that have
    /// nothing to do with anything are looked up until there is enough to judge others by.
    private mutating func measure(_ target: NodeID, reach: NodeID, isAnEnd: Bool, _ moment: inout Moment) {
        if target != place, !isAnEnd, density.note(target, furthest: reach, count: limits.routing.k) {
            closest.invalidate()
        }
        guard density.samples.count < limits.routing.densityQuorum else { return }
        let opposite = NodeID(high: 1 << UInt64(63 - density.samples.count), middle: 0, low: 0)
        lookUp(place.distance(to: opposite), unlessWithin: limits.routing.lookupInterval, &moment)
    }

    /// The slots of the switches at which something is heard and said: the `k` nearest to the place, and the others in
    /// the region that should hold `k`, so that sybils who crowd around the place don't have it for themselves (T9).
    func closestSlots(to place: NodeID, besides excluded: [Endpoint]) -> [Int] {
        closest.sets[place] ?? lines.switches(around: place, within: density.radius, besides: excluded, limits: limits)
    }

    /// As ``closestSlots(to:besides:)``, remembered until the table changes: for the places that are asked for all the
    /// time.
    mutating func rememberedClosestSlots(to place: NodeID, besides excluded: [Endpoint]) -> [Int] {
        if let known = closest.sets[place] { return known }
        let slots = closestSlots(to: place, besides: excluded)
        closest.keep(slots, for: place)
        return slots
    }

    /// Whether we are one of the switches at which others look for the end.
    func isAmongClosest(to end: NodeID) -> Bool {
        guard let own = address.id else { return false }
        let closest = buckets.closest(to: end, count: limits.routing.k)
        guard closest.count >= limits.routing.k, let furthest = closest.last else { return true }
        return end.isCloser(own, than: furthest.id)
    }
}
