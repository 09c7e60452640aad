import TelehashWire

extension Switch {
    /// A ringing line to an address that has none. `nil` when the table is full of lines that are still being dialled.
    mutating func openLine(to endpoint: Endpoint, _ event: inout Event<some RandomNumberGenerator>) -> Int? {
        if lines.ringing.count >= limits.unprovenLines {
            guard let victim = ringingVictim(&event) else { return nil }
            counters.add(.linesEvicted)
            purge(victim, &event)
        }
        let ring = LineProof.drawRing(using: &event.random)
        sweepAt = min(sweepAt, event.now.advanced(by: limits.sweep))
        return lines.open(
            endpoint, ringOut: ring, remembered: remembered[endpoint], isSeed: seeds.contains(endpoint), now: event.now,
            limits: limits)
    }

    /// A ringing line that gives way: a random one, so that a flood can't choose which, but none that we dialled and
    /// that may still answer.
    private func ringingVictim(_ event: inout Event<some RandomNumberGenerator>) -> Int? {
        for _ in 0..<16 {
            guard let slot = lines.ringing.randomElement(using: &event.random) else { return nil }
            let isDialling = lines.slots[slot].dialledAt.map { $0.duration(to: event.now) <= limits.ringPending }
            if isDialling != true { return slot }
        }
        return nil
    }

    /// The peer received our ring at its address.
    mutating func becomeProven(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        counters.add(.linesProven)
        if lines.proven.count >= limits.provenLines, let victim = lines.mostSilentProven(besides: slot) {
            counters.add(.linesEvicted)
            purge(victim, &event)
        }
        lines.promote(slot)
        look(at: slot, by: event.now.advanced(by: limits.sweep))
    }

    /// The peer began anew on the same address: what the old one had told us is void.
    mutating func restart(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        counters.add(.linesRestarted)
        dropTaps(slot)
        lines.slots[slot].tapHeld = OwnTaps.Selection()
        lines.slots[slot].window = LineWindow(now: event.now, limits: limits)
        lines.slots[slot].hasAsked = false
        giveUpCopies(on: slot, &event)
        tapsPlacedFor.table = -1
        for index in lookups.running.indices { lookups.running[index].didRestart(lines.slots[slot].endpoint) }
        lookups.isMoving = true
    }

    /// First words on a proven line to somebody who may stand in our table, or who is near us already: who are you near,
    /// and here is what we want. They also show the peer that *we* received *its* ring.
    ///
    /// Others that we dialled are shown no more than that. Without it they would soon forget a line that we hold for
    /// proven, and if both dial each other like that each holds another line, over which the other hears nothing.
    mutating func introduce(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        if isWanted(slot) || buckets.wants(lines.slots[slot].endpoint, id: lines.slots[slot].id) {
            sendKeepalive(slot, &event)
        } else if lines.slots[slot].dialledAt != nil {
            sendReport(slot, &event)
        }
    }

    /// The peer names switches, so it is one.
    mutating func becomeSwitch(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        lines.becomeSwitch(slot)
        if isAlone {
            ownLookupPause = limits.firstLookupPause
            ownLookupAt = event.now.advanced(by: ownLookupPause)
        }
        if knowsFew { wantsJoinLookup = true }
        switchCount += 1
        known.remember(lines.slots[slot].endpoint, limits: limits)
        closest.invalidate()
        noteHeard(slot, .answeredUs, now: event.now)
        let handle = lines.handle(slot)
        countAddressVotes(&event)
        // Its address may turn out to be ours.
        guard lines.slot(of: handle) == slot else { return }
        handOpenPublications(to: slot, &event)
    }

    /// Forgets a line and everything that hangs on it. Its switch stays in the table when it can be reached again.
    mutating func purge(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        let wasAlone = isAlone
        dropTaps(slot)
        loseParent(lines.slots[slot].endpoint, now: event.now)
        giveUpCopies(on: slot, &event)
        let endpoint = lines.slots[slot].endpoint
        let id = lines.slots[slot].id
        let wasSwitch = lines.slots[slot].isSwitch
        lines.close(slot)
        if wasSwitch {
            switchCount -= 1
            closest.invalidate()
        }
        if let entry = buckets.entry(endpoint, id: id), entry.evidence < .reached {
            for replacement in buckets.remove(endpoint, id: id, now: event.now).prefix(1) {
                meet(replacement.endpoint, id: replacement.id, teller: nil, now: event.now)
            }
        }
        if !wasAlone { beginAgainIfAlone(now: event.now) }
    }

    /// When we lost the last one that we knew: back to those whom we know from elsewhere, at once.
    mutating func beginAgainIfAlone(now: Instant) {
        guard isAlone else { return }
        // It is we who were away: they deserve to be dialled as if nothing had been.
        silent.removeAll()
        seeds.restart(now: now, limits: limits)
        known.restart(now: now, limits: limits)
    }
}
