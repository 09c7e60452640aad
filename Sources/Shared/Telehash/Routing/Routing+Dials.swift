import TelehashWire

extension Routing {
    enum DialOutcome: Equatable {
        /// Or a dial from a moment ago may still be answered.
        case asked
        /// Not before this moment.
        case later(Instant)
        case never
    }

    /// Plans to dial a switch that has a place in our table.
    mutating func meet(_ endpoint: Endpoint, id: NodeID, teller: LineTable.Handle?, _ moment: inout Moment) {
        guard buckets.wants(endpoint, id: id), !silent.contains(endpoint, now: moment.now) else { return }
        guard mayMeet(endpoint, toldBy: nil) else { return moment.count(.dialForbidden) }
        if !dialler.enqueue(Dialler.Call(endpoint: endpoint, id: id, teller: teller)) { moment.count(.dialQueueFull) }
    }

    /// Dials the addresses that wait for their turn, as far as the budget goes.
    mutating func dialWaiting(_ moment: inout Moment) {
        while let call = dialler.waiting.first {
            guard mayMeet(call.endpoint, toldBy: nil), buckets.wants(call.endpoint, id: call.id) else {
                dialler.removeNext()
                continue
            }
            if case .later = dial(call.endpoint, for: place, toldBy: call.teller, &moment) { return }
            dialler.removeNext()
        }
    }

    /// When the budget lets the next one be dialled that waits.
    mutating func nextDialAt(now: Instant) -> Instant {
        dialler.waiting.isEmpty ? .distantFuture : dialler.budget.ready(now: now)
    }

    /// A dial was not answered: the telex may be lost, or a NAT was still closed. Somebody who has no place in our
    /// table any more is not worth it.
    mutating func dialAgain(_ slot: Int, _ moment: inout Moment) {
        let (endpoint, id, dials) = (lines[slot].endpoint, lines[slot].id, lines[slot].unansweredDials)
        guard dials > 0, !lines[slot].isSeed, let last = lines[slot].dialledAt,
            last.duration(to: moment.now) >= limits.routing.redialInterval
        else { return }
        if dials < limits.routing.unansweredDials {
            meet(endpoint, id: id, teller: lines[slot].namedBy, &moment)
        } else if buckets.wants(endpoint, id: id) {
            giveUp(endpoint, id: id, &moment)
        }
    }

    /// Dials an address if the budgets allow it. When a dial was not answered, whoever named the address is asked to
    /// make it greet us: it may sit behind a NAT, and our dials opened ours for the greeting.
    mutating func dial(
        _ endpoint: Endpoint, for end: NodeID, toldBy teller: LineTable.Handle?, _ moment: inout Moment
    ) -> DialOutcome {
        if let slot = lines.slot(of: endpoint) {
            guard !lines[slot].isProven, lines[slot].unansweredDials < limits.routing.unansweredDials else {
                return .never
            }
            if let last = lines[slot].dialledAt, last.duration(to: moment.now) < answerTime.patience {
                return .asked
            }
        }
        // Whoever proved itself from private space may be known to lookups, trees and the table when its line is gone.
        guard mayMeet(endpoint, toldBy: nil) else {
            moment.count(.dialForbidden)
            return .never
        }
        let ready = dialler.budget.ready(now: moment.now)
        guard ready <= moment.now else {
            moment.count(.dialRate)
            return .later(ready)
        }
        guard dialler.takeHost(of: endpoint, now: moment.now) else {
            moment.count(.dialHostRate)
            return .never
        }
        guard dialler.budget.take(now: moment.now) else {
            return .later(moment.now.advanced(by: limits.routing.lookupPause))
        }
        guard let slot = lines.slot(of: endpoint) ?? open(endpoint, &moment) else {
            moment.count(.tableFull)
            return .never
        }
        lines.dial(slot, for: end, &moment)
        if let teller { lines[slot].namedBy = teller }
        if lines[slot].unansweredDials > 1, let teller = lines[slot].namedBy {
            askToGreet(lines[slot].id, through: teller, &moment)
        }
        return .asked
    }

    /// The socket could not reach an address: lookups need not wait for it.
    mutating func sendFailed(to endpoint: Endpoint) {
        guard lines.provenSlot(of: endpoint) == nil else { return }
        for index in lookups.running.indices where lookups.running[index].awaits(endpoint) != nil {
            lookups.running[index].didFail(endpoint)
            lookups.isMoving = true
        }
    }
}

// Greetings through NATs (part B, section 9; part A, rule 12). Whoever is dialled behind a NAT can't hear the dial; a
// switch that it has a line with passes on `+pop`, and it sends a telex that opens its NAT for the dialler.
extension Routing {
    /// Asks a peer that should know a switch to make it greet us. Returns whether the request went out.
    @discardableResult
    mutating func askToGreet(_ id: NodeID, through teller: LineTable.Handle, _ moment: inout Moment) -> Bool {
        guard let own = address.endpoint, let slot = lines.slot(of: teller), lines[slot].isProven else { return false }
        let signals = Signals(["+end": id.hex, "+pop": "th:\(own)"])
        guard lines.sendSignals(signals, hop: 1, on: slot, &moment).wasSent else { return false }
        moment.count(.popsAsked)
        return true
    }

    /// Greets whoever a proven peer says wants to reach us. The request names the target, so a target gets one in half
    /// a minute, and nobody gets one that we would not dial.
    mutating func greetIfAsked(_ signals: Signals, _ moment: inout Moment) {
        guard let pop = signals["+pop"], let own = address.id, signals.end == own else { return }
        guard pop.hasPrefix("th:"), let target = Endpoint(String(pop.dropFirst(3))), mayMeet(target, toldBy: nil),
            dialler.budget.ready(now: moment.now) <= moment.now,
            greeted.insert(target, now: moment.now), dialler.budget.take(now: moment.now)
        else { return moment.count(.popRefused) }
        guard let slot = lines.slot(of: target) ?? open(target, &moment) else { return moment.count(.tableFull) }
        moment.count(.popsGreeted)
        var writer = lines[slot].beginTelex()
        writer.pad(to: limits.routing.greetingBytes)
        lines.send(writer.finish(), on: slot, &moment)
    }

    /// A ring without a question. From a peer that we dialled it is the greeting that opens its NAT: ask again what we
    /// asked. From a proven one it says that the peer began anew: let it prove that.
    mutating func answerRing(
        of telex: Telex, _ verdict: LineProof.Verdict, on slot: Int, _ moment: inout Moment
    ) {
        guard telex.ring != nil, !verdict.isAuthentic else { return }
        if verdict == .challenged {
            lines.askStranger(slot, for: place, isChallenged: true, &moment)
        } else if verdict == .bare, !lines[slot].isProven, let asked = lines[slot].dialledEnd,
            let at = lines[slot].dialledAt, at.duration(to: moment.now) <= limits.routing.dialIPInterval
        {
            lines[slot].wasGreeted = true
            _ = lookups.didGreet(lines[slot].endpoint)
            lines.askStranger(slot, for: asked, &moment)
        }
    }
}
