import TelehashWire

extension Switch {
    /// A proven peer names switches: an answer to something we asked, or news.
    mutating func heed(
        _ see: [Endpoint], isAnswer: Bool, accepted: Int?, from slot: Int, isShort: Bool,
        _ event: inout Event<some RandomNumberGenerator>
    ) {
        let teller = lines.handle(slot)
        if !lines.slots[slot].isSwitch { becomeSwitch(slot, &event) }
        guard lines.slot(of: teller) == slot else { return }
        if isAnswer, hearing.didHear() { lookAround(&event) }
        if isAnswer, let accepted {
            let sent = lines.slots[slot].window.sent
            let verdict = lines.slots[slot].deliveries.didAnswer(
                accepted: accepted, sent: sent, now: event.now)
            // An answer that tells nothing must not close a window again that opened because it was stuck.
            if let deficit = verdict.deficit { lines.slots[slot].window.didLose(deficit) }
            heed(verdict, on: slot, &event)
        }
        noteHeard(slot, .answeredUs, now: event.now)
        let peer = lines.slots[slot].endpoint
        let acceptable = see.prefix(WireLimits.seenEndpoints + 1).filter { mayMeet($0, toldBy: peer) }
        if isAnswer {
            tellLookups(
                acceptable, by: peer, teller, isShort: isShort && see.count >= limits.strangerSee, now: event.now)
        }
        for endpoint in acceptable where endpoint != peer {
            if let known = lines.slot(of: endpoint), lines.slots[known].isProven { continue }
            let id = endpoint.nodeID
            _ = buckets.note(endpoint, id: id, evidence: .heardOf, now: event.now)
            meet(endpoint, id: id, teller: teller, now: event.now)
        }
    }

    /// Gives an answer to the lookup that waits for it, the one that asked first; its names are news to all that ask
    /// the same peer.
    private mutating func tellLookups(
        _ see: [Endpoint], by peer: Endpoint, _ teller: LineTable.Handle, isShort: Bool, now: Instant
    ) {
        var first: (index: Int, since: Instant)?
        for index in lookups.running.indices {
            guard let since = lookups.running[index].awaits(peer) else { continue }
            let depth = lookups.running[index].depth(of: peer) + 1
            for endpoint in see {
                lookups.running[index].offer(
                    endpoint, id: endpoint.nodeID, toldBy: teller, depth: depth, limits: limits)
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

    /// Whether an address that others name may be dialled (part A, rules 12 and 16).
    func mayMeet(_ endpoint: Endpoint, toldBy teller: Endpoint?) -> Bool {
        guard !isSelf(endpoint), canReach(endpoint), isOfOurFamily(endpoint) else { return false }
        if endpoint.isPublic { return true }
        return address.endpoint?.isPublic != true && teller?.isPublic != true
    }

    /// Plans to dial a switch that has a place in our table.
    mutating func meet(_ endpoint: Endpoint, id: NodeID, teller: LineTable.Handle?, now: Instant) {
        guard buckets.wants(endpoint, id: id), !silent.contains(endpoint.fingerprint, now: now) else { return }
        guard mayMeet(endpoint, toldBy: nil) else { return counters.add(.dialForbidden) }
        if !dialler.enqueue(Dialler.Call(endpoint: endpoint, id: id, teller: teller), limits: limits) {
            counters.add(.dialQueueFull)
        }
    }
}
