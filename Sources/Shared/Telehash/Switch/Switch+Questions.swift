import TelehashWire

extension Switch {
    /// Whether somebody wants to know who is near an end: `+end` at hop 0, also when it comes with signals.
    func isQuestion(_ telex: Telex) -> Bool {
        telex.hop == 0 && telex.signals["+end"] != nil
    }

    /// Answers a question on a line. Returns whether there was one.
    mutating func answerQuestion(
        of telex: Telex, _ verdict: LineProof.Verdict, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        guard isQuestion(telex) else { return false }
        if !verdict.isAuthentic, !requests.take(now: event.now) {
            counters.add(.requestRate)
            return true
        }
        answer(telex, verdict, on: slot, &event)
        return true
    }

    mutating func answer(
        _ telex: Telex, _ verdict: LineProof.Verdict, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard let text = telex.signals["+end"], let end = NodeID(hex: text) else { return counters.add(.endMalformed) }
        if verdict.isAuthentic {
            answerPeer(end, on: slot, &event)
        } else {
            answerStranger(end, isChallenged: verdict == .challenged, on: slot, &event)
        }
    }

    /// The 8 closest switches, and ourselves.
    private mutating func answerPeer(_ end: NodeID, on slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        lines.slots[slot].hasAsked = true
        noteHeard(slot, .askedUs, now: event.now)
        var see = endpoints(closestTo: end, count: limits.k, for: slot)
        see += ourselves(for: slot)
        let datagram = beginTelex(on: slot, naming: see, capacity: 384).finish()
        guard lines.slots[slot].window.admits(datagram.count, now: event.now, limits: limits) else {
            return counters.add(.windowClosed)
        }
        send(datagram, on: slot, &event)
        counters.add(.questionsAnswered)
    }

    /// At most 4 switches, and as many of them as three times the question's bytes hold.
    private mutating func answerStranger(
        _ end: NodeID, isChallenged: Bool, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        var see = endpoints(closestTo: end, count: limits.strangerSee, for: slot)
        if see.count < limits.strangerSee { see += ourselves(for: slot) }
        let allowance = strangerAllowance(slot)
        while true {
            let writer =
                isChallenged ? beginChallenge(on: slot, naming: see) : beginTelex(on: slot, naming: see, capacity: 256)
            if writer.byteCount <= allowance {
                sendToStranger(writer.finish(), on: slot, &event)
                return counters.add(.questionsAnswered)
            }
            if see.popLast() == nil { return counters.add(.strangerFactor) }
        }
    }

    /// Whom we name: switches that we have a line with, and entries that anybody can reach.
    private func endpoints(closestTo end: NodeID, count: Int, for slot: Int) -> [Endpoint] {
        let asker = lines.slots[slot].endpoint
        var closest = ClosestList<Endpoint>(to: end, capacity: count)
        for peer in lines.proven where peer.isSwitch && peer.slot != slot && closest.hasRoom(for: peer.id) {
            let endpoint = lines.slots[peer.slot].endpoint
            if mayBeNamed(endpoint, to: asker) { closest.offer(endpoint, at: endpoint, id: peer.id) }
        }
        for bucket in buckets.buckets where !bucket.entries.isEmpty {
            for entry in bucket.entries where entry.endpoint != asker && mayBeNamed(entry.endpoint, to: asker) {
                closest.offer(entry.endpoint, at: entry.endpoint, id: entry.id)
            }
        }
        return closest.elements
    }

    /// Our own address, where it may be named to a peer.
    func ourselves(for slot: Int) -> [Endpoint] {
        [address.endpoint].compactMap(\.self).filter { mayBeNamed($0, to: lines.slots[slot].endpoint) }
    }

    /// Private addresses mean nothing to those on the internet.
    private func mayBeNamed(_ endpoint: Endpoint, to asker: Endpoint) -> Bool {
        endpoint.isPublic || !asker.isPublic
    }

    /// A ring without a question. From a peer that we dialled it is the greeting that opens its NAT: ask again what we
    /// asked. From a proven one it says that the peer began anew: let it prove that.
    mutating func answerRing(
        of telex: Telex, _ verdict: LineProof.Verdict, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard telex.ring != nil, !verdict.isAuthentic else { return }
        let end: NodeID
        if verdict == .challenged {
            end = place
        } else if verdict == .bare, !lines.slots[slot].isProven, let asked = lines.slots[slot].dialledEnd,
            let at = lines.slots[slot].dialledAt, at.duration(to: event.now) <= limits.dialIPInterval
        {
            end = asked
            lines.slots[slot].wasGreeted = true
            _ = lookups.didGreet(lines.slots[slot].endpoint)
        } else {
            return
        }
        askStranger(slot, for: end, isChallenged: verdict == .challenged, &event)
    }

    /// Asks an address that spoke to us unproven, within three times the bytes that came from there. Returns whether the
    /// question went out.
    @discardableResult
    mutating func askStranger(
        _ slot: Int, for end: NodeID, isChallenged: Bool = false, _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        guard requests.take(now: event.now) else {
            counters.add(.requestRate)
            return false
        }
        var writer =
            isChallenged ? beginChallenge(on: slot) : beginTelex(on: slot, withRing: true, capacity: 256)
        writer.signals(Switch.question(for: end))
        guard writer.byteCount <= strangerAllowance(slot) else {
            counters.add(.strangerFactor)
            return false
        }
        sendToStranger(writer.finish(), on: slot, &event)
        if !lines.slots[slot].isProven { noteQuestion(on: slot, isProbe: false, now: event.now) }
        return true
    }
}
