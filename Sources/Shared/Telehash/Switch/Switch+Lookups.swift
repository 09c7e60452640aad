import TelehashWire

extension Switch {
    /// Looks a place up, unless that was done or begun within `span`.
    mutating func lookUp(_ target: NodeID, unlessWithin span: Duration, now: Instant) {
        guard !isAlone, !lookups.isFresh(target, within: span, now: now) else { return }
        if lookups.request(target, limits: limits) {
            lookups.isMoving = true
        } else {
            counters.add(.lookupQueueFull)
        }
    }

    /// Somebody joined while we knew few: find out who is around us and around our ends now. Joins that come together
    /// share this.
    mutating func lookUpAfterJoin(_ event: inout Event<some RandomNumberGenerator>) {
        guard joinLookupDue <= event.now else { return }
        wantsJoinLookup = false
        joinLookupAt = event.now
        lookUp(place, unlessWithin: .zero, now: event.now)
        for end in ownTaps.ordered { lookUp(end, unlessWithin: .zero, now: event.now) }
    }

    /// When the lookup after a join may begin.
    var joinLookupDue: Instant {
        joinLookupAt?.advanced(by: limits.joinLookupInterval) ?? Instant(nanoseconds: .min)
    }

    /// Looks up the own ends whose time has come.
    mutating func lookUpEnds(_ event: inout Event<some RandomNumberGenerator>) {
        let interval = limits.endLookupInterval
        let due = ownTaps.due(now: event.now) { interval * (1 + Double.random(in: 0...0.25, using: &event.random)) }
        for end in due { lookUp(end, unlessWithin: limits.joinLookupInterval, now: event.now) }
    }

    /// Looks up our own place, and once that is settled also a place in the bucket that nobody looked at for longest.
    mutating func refreshTable(_ event: inout Event<some RandomNumberGenerator>) {
        guard ownLookupAt <= event.now else { return }
        let jitter = Double.random(in: 0...0.25, using: &event.random)
        ownLookupAt = event.now.advanced(by: ownLookupPause * (1 + jitter))
        guard !isAlone else { return }
        joinLookupAt = event.now
        lookUp(place, unlessWithin: .zero, now: event.now)
        if ownLookupPause < limits.lookupInterval {
            for end in ownTaps.ordered { lookUp(end, unlessWithin: .zero, now: event.now) }
        }
        if ownLookupPause >= limits.ownLookupInterval, let bucket = buckets.nextToRefresh(now: event.now) {
            let target = NodeID.random(inBucket: bucket, of: place, using: &event.random)
            lookUp(target, unlessWithin: .zero, now: event.now)
        }
        ownLookupPause = min(ownLookupPause * 3, limits.ownLookupInterval)
    }

    /// Begins lookups, asks the next switches, and ends what is finished.
    mutating func advanceLookups(_ event: inout Event<some RandomNumberGenerator>) {
        lookups.isMoving = false
        while true {
            while let index = lookups.startNext(now: event.now, limits: limits) { begin(index, now: event.now) }
            for index in lookups.running.indices { askNext(in: index, &event) }
            let finished = lookups.removeFinished(limits: limits)
            var isContinued = false
            for lookup in finished {
                if let next = nextPath(after: lookup, now: event.now) {
                    begin(lookups.resume(next), now: event.now)
                    isContinued = true
                    continue
                }
                lookups.totals.note(lookup, now: event.now)
                reviewPublications(for: lookup.target, &event)
                rootsFound(
                    of: lookup.target, hosts(found: lookup), silent: lookup.silentClosest(limits: limits), &event)
                for id in lookup.ids {
                    event.effects.append(.found(lookup.report(as: id, now: event.now, limits: limits)))
                }
            }
            if finished.isEmpty || !(isContinued || lookups.hasQueued) { break }
        }
        lookups.plan(patience: answerTime.patience(limits: limits))
    }

    /// Gives up on late answers.
    mutating func expireLookups(_ event: inout Event<some RandomNumberGenerator>) {
        let patience = answerTime.patience(limits: limits)
        for index in lookups.running.indices {
            for endpoint in lookups.running[index].expire(now: event.now, patience: patience, limits: limits) {
                if let slot = lines.slot(of: endpoint), lines.slots[slot].isProven {
                    // Its next keepalive will tell; a line that nobody needs ends by itself.
                    planKeepalive(on: slot, at: event.now)
                } else {
                    giveUp(endpoint, id: endpoint.nodeID, now: event.now)
                }
            }
        }
        lookups.isMoving = true
    }

    private mutating func begin(_ index: Int, now: Instant) {
        counters.add(.lookups)
        let target = lookups.running[index].target
        let avoided = lookups.running[index].avoided.count
        // Where the end has a tree, those that were the closest a short while ago.
        for root in parents[target]?.hosts.filter(\.isRoot).map(\.endpoint) ?? [] where mayMeet(root, toldBy: nil) {
            lookups.running[index].offer(root, id: root.nodeID, limits: limits)
        }
        for slot in lines.closestSwitches(to: target, count: limits.k + avoided) {
            lookups.running[index].offer(lines.slots[slot].endpoint, id: lines.slots[slot].id, limits: limits)
        }
        // Entries first: hearsay alone must not decide where a lookup begins (T9).
        let fresh = now.advanced(by: .zero - limits.entryFreshness)
        let starts =
            buckets.closest(to: target, count: limits.k + avoided)
            + buckets.candidates(closestTo: target, count: 2 * limits.k, heardSince: fresh)
        for entry in starts where mayMeet(entry.endpoint, toldBy: nil) {
            lookups.running[index].offer(entry.endpoint, id: entry.id, limits: limits)
        }
        guard lookups.running[index].candidates.count < limits.k else { return }
        for entry in buckets.replacements(closestTo: target, count: limits.k) where mayMeet(entry.endpoint, toldBy: nil)
        {
            lookups.running[index].offer(entry.endpoint, id: entry.id, limits: limits)
        }
    }

    private mutating func askNext(in index: Int, _ event: inout Event<some RandomNumberGenerator>) {
        while let candidate = lookups.running[index].next(now: event.now, limits: limits) {
            let endpoint = candidate.endpoint
            let target = lookups.running[index].target
            let outcome =
                candidate.isCalled
                ? call(candidate, for: target, through: lookups.running[index].witnesses(limits: limits), &event)
                : askOrDial(candidate, for: target, &event)
            switch outcome {
            case .asked, .underWay: continue
            case .later(let moment): return lookups.running[index].postpone(endpoint, until: moment)
            case .never: lookups.running[index].didFail(endpoint)
            }
        }
    }

    private mutating func askOrDial(
        _ candidate: Lookup.Candidate, for target: NodeID, _ event: inout Event<some RandomNumberGenerator>
    ) -> DialOutcome {
        guard let slot = lines.slot(of: candidate.endpoint), lines.slots[slot].isProven else {
            if silent.contains(candidate.endpoint.fingerprint, now: event.now) { return .never }
            return dial(candidate.endpoint, for: target, toldBy: candidate.teller, &event)
        }
        return ask(slot, for: target, &event) ? .asked : .never
    }

    /// A line was proven by a greeting, which answers nothing: the switch had heard us, and only its answers were lost.
    mutating func askGreeter(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        for target in lookups.didGreet(lines.slots[slot].endpoint) { _ = ask(slot, for: target, &event) }
    }

    /// Has a switch called that does not answer, or must not be dialled once more: others ask it to greet us, and its
    /// greeting is answered with the question. On a line that stands it is simply asked again.
    private mutating func call(
        _ candidate: Lookup.Candidate, for target: NodeID, through witnesses: [Endpoint],
        _ event: inout Event<some RandomNumberGenerator>
    ) -> DialOutcome {
        guard let slot = lines.slot(of: candidate.endpoint) ?? openLine(to: candidate.endpoint, &event) else {
            return .never
        }
        if lines.slots[slot].isProven { return ask(slot, for: target, &event) ? .asked : .never }
        if lines.slots[slot].wasGreeted, askStranger(slot, for: target, &event) { return .asked }
        let known = [candidate.teller] + witnesses.map { lines.slot(of: $0).map(lines.handle) }
        var wasAsked = false
        for helper in known.compactMap(\.self) where helper.slot != slot {
            if askToGreet(candidate.id, through: helper, &event) { wasAsked = true }
        }
        guard wasAsked else { return .never }
        lines.slots[slot].dialledAt = event.now
        lines.slots[slot].dialledEnd = target
        return .asked
    }
}
