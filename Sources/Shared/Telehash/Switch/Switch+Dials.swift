import TelehashWire

extension Switch {
    enum DialOutcome: Equatable {
        case asked
        /// A dial from a moment ago may still be answered.
        case underWay
        /// Not before this moment.
        case later(Instant)
        case never
    }

    /// Dials the seeds that are due. Operators chose them, so no budget holds them back but their own pauses.
    mutating func dialSeeds(_ event: inout Event<some RandomNumberGenerator>) {
        // While nobody answers a line is no reason not to dial: it may be one that only we remember.
        let connected = seeds.endpoints.filter { seed in
            lines.slot(of: seed).map { lines.slots[$0].isProven && !hearing.isDeaf } ?? isSelf(seed)
        }
        let due = seeds.due(
            now: event.now, isAlone: isAlone || hearing.isDeaf, knowsFew: knowsFew, connected: connected,
            limits: limits,
            using: &event.random)
        for seed in due where canReach(seed) && isOfOurFamily(seed) {
            guard let slot = lines.slot(of: seed) ?? openLine(to: seed, &event) else { continue }
            // A seed of 2011 is asked for itself; whoever knows its own place asks for that.
            dial(slot, for: address.id ?? seed.nodeID, &event)
        }
    }

    /// Lets the switches that we knew wait for their turn to be dialled.
    mutating func meetKnown(now: Instant) {
        for endpoint in known.due(now: now, isAlone: isAlone || hearing.isDeaf, limits: limits) {
            meet(endpoint, id: endpoint.nodeID, teller: nil, now: now)
        }
    }

    /// Dials the addresses that wait for their turn, as far as the budget goes.
    mutating func dialWaiting(_ event: inout Event<some RandomNumberGenerator>) {
        while let call = dialler.next {
            guard mayMeet(call.endpoint, toldBy: nil), buckets.wants(call.endpoint, id: call.id) else {
                dialler.removeNext()
                continue
            }
            if case .later = dial(call.endpoint, for: place, toldBy: call.teller, &event) { return }
            dialler.removeNext()
        }
    }

    /// A dial was not answered: the telex may be lost, or a NAT was still closed. Somebody who has no place in our
    /// table any more is not worth it.
    mutating func dialAgain(_ slot: Int, now: Instant) {
        guard lines.slots[slot].unansweredDials > 0, !lines.slots[slot].isSeed,
            let last = lines.slots[slot].dialledAt, last.duration(to: now) >= limits.redialInterval
        else { return }
        if lines.slots[slot].unansweredDials < limits.unansweredDials {
            meet(lines.slots[slot].endpoint, id: lines.slots[slot].id, teller: lines.slots[slot].namedBy, now: now)
        } else if buckets.wants(lines.slots[slot].endpoint, id: lines.slots[slot].id) {
            giveUp(lines.slots[slot].endpoint, id: lines.slots[slot].id, now: now)
        }
    }

    /// Dials an address if the budgets allow it. When a dial was not answered, whoever named the address is asked to
    /// make it greet us: it may sit behind a NAT, and our dials opened ours for the greeting.
    mutating func dial(
        _ endpoint: Endpoint, for end: NodeID, toldBy teller: LineTable.Handle?,
        _ event: inout Event<some RandomNumberGenerator>
    ) -> DialOutcome {
        if let slot = lines.slot(of: endpoint) {
            if lines.slots[slot].isProven { return .never }
            guard lines.slots[slot].unansweredDials < limits.unansweredDials else { return .never }
            if let last = lines.slots[slot].dialledAt,
                last.duration(to: event.now) < answerTime.patience(limits: limits)
            {
                return .underWay
            }
        }
        // Whoever proved itself from private space may be known to lookups, trees and the table when its line is gone.
        guard mayMeet(endpoint, toldBy: nil) else {
            counters.add(.dialForbidden)
            return .never
        }
        let ready = dialler.ready(now: event.now)
        guard ready <= event.now else {
            counters.add(.dialRate)
            return .later(ready)
        }
        guard dialler.takeHost(of: endpoint, now: event.now, limits: limits) else {
            counters.add(.dialHostRate)
            return .never
        }
        guard dialler.takeDial(now: event.now) else { return .later(event.now.advanced(by: limits.lookupPause)) }
        guard let slot = lines.slot(of: endpoint) ?? openLine(to: endpoint, &event) else {
            counters.add(.tableFull)
            return .never
        }
        dial(slot, for: end, &event)
        if let teller { lines.slots[slot].namedBy = teller }
        if lines.slots[slot].unansweredDials > 1, let teller = lines.slots[slot].namedBy {
            askToGreet(lines.slots[slot].id, through: teller, &event)
        }
        return .asked
    }

    /// Sends a dial: a question with our ring, long enough that a full answer is no more than three times its size.
    mutating func dial(_ slot: Int, for end: NodeID, _ event: inout Event<some RandomNumberGenerator>) {
        if lines.slots[slot].unansweredDials >= limits.rememberedLineDials {
            lines.slots[slot].proof.giveUpRemembered()
        }
        lines.slots[slot].dialledAt = event.now
        lines.slots[slot].dialledEnd = end
        lines.slots[slot].unansweredDials += 1
        var writer = beginTelex(on: slot, withRing: true, capacity: limits.dialBytes)
        writer.signals(Switch.question(for: end))
        writer.pad(to: limits.dialBytes)
        counters.add(.dials)
        send(writer.finish(), on: slot, &event)
        // Even where the peer's ring is known: it may have drawn another one, and then its answer is to be believed.
        lines.slots[slot].proof.ringWasSent(now: event.now)
        noteQuestion(on: slot, isProbe: false, now: event.now)
    }
}
