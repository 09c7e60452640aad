import TelehashWire

// The table is kept true by asking its entries, the one that was silent for longest first.
extension Routing {
    /// A switch spoke to us: what we know of it is fresh.
    mutating func noteHeard(_ slot: Int, _ evidence: Buckets.Evidence, now: Instant) {
        let endpoint = lines[slot].endpoint
        let isReached = evidence == .answeredUs && lines[slot].wasReached
        buckets.note(endpoint, id: lines[slot].id, evidence: isReached ? .reached : evidence, now: now)
        checks.didAnswer(endpoint)
        if lines[slot].isSeed { seeds.didHear(endpoint) }
        if checks.nextAt == .distantFuture, buckets.count > 0 {
            checks.nextAt = now.advanced(by: limits.routing.checkPause)
        }
    }

    /// A proven peer names somebody.
    mutating func noteNamed(_ endpoint: Endpoint, by teller: LineTable.Handle, _ moment: inout Moment) {
        if lines.provenSlot(of: endpoint) != nil { return }
        let id = endpoint.nodeID
        buckets.note(endpoint, id: id, evidence: .heardOf, now: moment.now)
        meet(endpoint, id: id, teller: teller, &moment)
    }

    /// A switch did not answer, though it was asked more than once: somebody else takes its place.
    mutating func giveUp(_ endpoint: Endpoint, id: NodeID, _ moment: inout Moment) {
        _ = silent.insert(endpoint, now: moment.now)
        checks.didAnswer(endpoint)
        guard buckets.entry(endpoint, id: id) != nil else { return buckets.forget(endpoint, id: id) }
        moment.count(.entriesLost)
        for replacement in buckets.remove(endpoint, id: id, now: moment.now).prefix(Routing.replacementsTried) {
            meet(replacement.endpoint, id: replacement.id, teller: nil, &moment)
        }
        checks.didFindDead(now: moment.now)
        beginAgainIfAlone(now: moment.now)
    }

    /// Replacements that are dialled for one lost entry: the best may be dead too.
    private static let replacementsTried = 2

    /// Asks again those that are being checked, and the entry that was silent for longest, when it was so for too long.
    mutating func checkEntries(again: [EntryChecks.Check], _ moment: inout Moment) {
        for check in again { ask(check, &moment) }
        if checks.nextAt <= moment.now { checkStalest(&moment) }
    }

    private mutating func checkStalest(_ moment: inout Moment) {
        guard let entry = buckets.stalest(besides: { checks.isOpen($0) }) else {
            checks.nextAt = buckets.count > 0 ? moment.now.advanced(by: limits.routing.checkPause) : .distantFuture
            return
        }
        let isUrgent = checks.urgent > 0
        let due = entry.at.advanced(by: isUrgent ? limits.routing.urgentFreshness : limits.routing.entryFreshness)
        guard due <= moment.now else {
            let pause = limits.routing.checkPause * (1 + Double.random(in: 0...0.25, using: &moment.random))
            checks.nextAt = max(due, moment.now.advanced(by: pause))
            return
        }
        moment.count(.entriesChecked)
        let target = NodeID.random(inBucket: place.bucket(to: entry.id), of: place, using: &moment.random)
        checks.didBegin()
        ask(EntryChecks.Check(endpoint: entry.endpoint, id: entry.id, target: target), &moment)
        checks.nextAt = moment.now.advanced(by: isUrgent ? limits.routing.urgentCheckPause : limits.routing.checkPause)
    }

    private mutating func ask(_ check: EntryChecks.Check, _ moment: inout Moment) {
        if let slot = lines.provenSlot(of: check.endpoint) {
            _ = lines.ask(slot, for: check.target, &moment)
        } else if case .later = dial(check.endpoint, for: check.target, toldBy: nil, &moment) {
            // Others need the dials more; the entry stays the stalest and will have its turn.
            return
        }
        checks.didAsk(check, now: moment.now)
    }

    /// See ``Switch/contacts(limit:)``.
    func contacts(limit: Int) -> [Endpoint] {
        // A bucket's entries stand in the order in which they came.
        let entries = buckets.buckets.reversed().flatMap { $0.entries.enumerated() }
            .sorted { ($1.element.evidence, $0.offset) < ($0.element.evidence, $1.offset) }
            .map(\.element.endpoint)
        let listed = Set(entries)
        let others = lines.proven.filter(\.isSwitch).map { lines[$0.slot] }
            .filter { !listed.contains($0.endpoint) }
            .sorted { ($0.openedAt, $0.generation) < ($1.openedAt, $1.generation) }
            .map(\.endpoint)
        return Array(AddressDiversity.spread(entries + others).prefix(max(limit, 0)))
    }
}

// What others ask us.
extension Routing {
    mutating func answer(_ telex: Telex, _ verdict: LineProof.Verdict, on slot: Int, _ moment: inout Moment) {
        guard let end = telex.signals.end else { return moment.count(.endMalformed) }
        let isAnswered =
            verdict.isAuthentic
            ? answerPeer(end, on: slot, &moment)
            : answerStranger(end, isChallenged: verdict == .challenged, on: slot, &moment)
        if isAnswered { moment.count(.questionsAnswered) }
    }

    /// The 8 closest switches, and ourselves.
    private mutating func answerPeer(_ end: NodeID, on slot: Int, _ moment: inout Moment) -> Bool {
        lines[slot].hasAsked = true
        noteHeard(slot, .askedUs, now: moment.now)
        let see = endpoints(closestTo: end, count: limits.routing.k, for: slot) + ourselves(for: slot)
        return lines.sendIfOpen(lines[slot].beginTelex(naming: see, capacity: 384).finish(), on: slot, &moment)
    }

    /// At most 4 switches, and as many of them as three times the question's bytes hold.
    private mutating func answerStranger(
        _ end: NodeID, isChallenged: Bool, on slot: Int, _ moment: inout Moment
    ) -> Bool {
        var see = endpoints(closestTo: end, count: limits.routing.strangerSee, for: slot)
        if see.count < limits.routing.strangerSee { see += ourselves(for: slot) }
        while true {
            let writer =
                isChallenged
                ? lines[slot].beginChallenge(naming: see) : lines[slot].beginTelex(naming: see, capacity: 256)
            if lines.sendToStranger(writer, on: slot, &moment) { return true }
            if see.popLast() == nil {
                moment.count(.strangerFactor)
                return false
            }
        }
    }

    /// Whom we name: switches that we have a line with, and entries that anybody can reach.
    private func endpoints(closestTo end: NodeID, count: Int, for slot: Int) -> [Endpoint] {
        let asker = lines[slot].endpoint
        var closest = ClosestList<Endpoint>(place: end, capacity: count)
        for peer in lines.proven where peer.isSwitch && peer.slot != slot && closest.hasRoom(for: peer.id) {
            let endpoint = lines[peer.slot].endpoint
            if endpoint.mayBeNamed(to: asker) { closest.offer(endpoint, at: endpoint, id: peer.id) }
        }
        for bucket in buckets.buckets where !bucket.entries.isEmpty {
            for entry in bucket.entries where entry.endpoint != asker && entry.endpoint.mayBeNamed(to: asker) {
                closest.offer(entry.endpoint, at: entry.endpoint, id: entry.id)
            }
        }
        return closest.elements
    }

    /// Our own address, where it may be named to a peer.
    func ourselves(for slot: Int) -> [Endpoint] {
        [address.endpoint].compactMap(\.self).filter { $0.mayBeNamed(to: lines[slot].endpoint) }
    }
}

extension Endpoint {
    /// Private addresses mean nothing to those on the internet.
    func mayBeNamed(to asker: Endpoint) -> Bool { isPublic || !asker.isPublic }
}
