import TelehashWire

extension Switch {
    mutating func receive(_ datagram: [UInt8], from sender: Endpoint, _ event: inout Event<some RandomNumberGenerator>)
    {
        counters.add(.telexesReceived)
        counters.add(.bytesReceived, datagram.count)
        guard !isSelf(sender) else { return counters.add(.fromSelf) }
        // Multicast, broadcast or unroutable source: answering or dialling it would reach many hosts, or none.
        guard canReach(sender) else { return counters.add(.fromMartian) }
        let known = lines.slot(of: sender)
        guard isExpected(known) || strangers.take(now: event.now) else {
            return counters.add(.strangerRate)
        }
        let telex: Telex
        do throws(TelexError) {
            telex = try Telex.decode(datagram)
        } catch {
            return counters.add(error)
        }
        if let slot = known {
            receive(telex, size: datagram.count, on: slot, &event)
        } else {
            receive(telex, size: datagram.count, fromStranger: sender, &event)
        }
    }

    /// Whether telexes from there are read whatever else comes in: strangers can make themselves lines that ring, but
    /// neither prove them nor make us dial.
    private func isExpected(_ slot: Int?) -> Bool {
        guard let slot else { return false }
        return lines.slots[slot].isProven || lines.slots[slot].dialledAt != nil
    }

    /// A telex from an address that we have a line with.
    private mutating func receive(
        _ telex: Telex, size: Int, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard !isEcho(telex, on: slot, &event) else { return }
        let verdict = admit(telex, on: slot, &event)
        if case .refused = verdict { return }
        if verdict == .restarted { restart(slot, &event) }
        // The line is proven even if the telex that did it is dropped below.
        if verdict == .proved {
            lines.slots[slot].wasReached = lines.slots[slot].dialledAt != nil && !lines.slots[slot].wasGreeted
            becomeProven(slot, &event)
        }
        guard account(for: telex, size: size, verdict, on: slot, &event) else { return }

        let handle = lines.handle(slot)
        if verdict.isAuthentic {
            learnAddress(from: telex, on: slot, &event)
            // Its address may turn out to be ours: then there is no line any more.
            guard lines.slot(of: handle) == slot else { return }
            obeyCommands(of: telex, on: slot, isShortAnswer: verdict == .proved, &event)
            guard lines.slot(of: handle) == slot else { return }
            if verdict == .proved, telex.see == nil { askGreeter(slot, &event) }
        } else if telex.see != nil || telex.tap != nil {
            counters.add(.commandsUnproven)
        }
        if !answerQuestion(of: telex, verdict, on: slot, &event) {
            answerRing(of: telex, verdict, on: slot, &event)
            if isBareTap(telex), !lines.slots[slot].isProven, mayRing(lines.slots[slot].endpoint, &event) {
                ring(slot, &event)
            }
        }
        receiveSignals(of: telex, from: lines.slots[slot].endpoint, verdict, slot: slot, &event)

        guard lines.slot(of: handle) == slot else { return }
        if verdict == .proved || verdict == .restarted { introduce(slot, &event) }
        flushQueue(slot, &event)
        if lines.slots[slot].isProven, lines.slots[slot].window.owesReport(limits: limits) { sendReport(slot, &event) }
    }

    /// A telex from an address without a line. A `_line` in it can't be checked and proves nothing: the peer may
    /// remember a line from before our restart.
    private mutating func receive(
        _ telex: Telex, size: Int, fromStranger sender: Endpoint, _ event: inout Event<some RandomNumberGenerator>
    ) {
        if telex.see != nil || telex.tap != nil { counters.add(.commandsUnproven) }
        if isQuestion(telex), requests.take(now: event.now) {
            guard let slot = openLine(to: sender, &event) else { return counters.add(.tableFull) }
            if let line = telex.line { lines.slots[slot].proof.expectStaleLine(line) }
            if telex.ring != nil {
                _ = lines.slots[slot].proof.admit(
                    ring: telex.ring, line: nil, now: event.now, limits: limits, using: &event.random)
            }
            _ = account(for: telex, size: size, .bare, on: slot, &event)
            answer(telex, .bare, on: slot, &event)
            receiveSignals(of: telex, from: sender, .bare, slot: slot, &event)
        } else if isBareTap(telex) {
            guard mayRing(sender, &event) else { return }
            guard let slot = openLine(to: sender, &event) else { return counters.add(.tableFull) }
            _ = account(for: telex, size: size, .bare, on: slot, &event)
            ring(slot, &event)
        } else {
            if isQuestion(telex) { counters.add(.requestRate) }
            receiveSignals(of: telex, from: sender, .bare, slot: nil, &event)
        }
    }

    private mutating func admit(
        _ telex: Telex, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) -> LineProof.Verdict {
        let wasLockedOut = lines.slots[slot].proof.wrongLines.isLockedOut
        let verdict = lines.slots[slot].proof.admit(
            ring: telex.ring, line: telex.line, now: event.now, limits: limits, using: &event.random)
        if case .refused(let reason) = verdict {
            counters.add(reason)
            if !wasLockedOut, lines.slots[slot].proof.wrongLines.isLockedOut { counters.add(.linesLockedOut) }
        }
        return verdict
    }

    /// Counts the telex in the line's windows and budgets; `false` when one of them is exceeded.
    private mutating func account(
        for telex: Telex, size: Int, _ verdict: LineProof.Verdict, on slot: Int,
        _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        // Whoever sends rings in the name of a proven peer must not use up its window.
        let fits = verdict == .challenged || lines.slots[slot].window.didReceive(size, limits: limits)
        if verdict.isAuthentic {
            // The report of a telex counts even when the telex is dropped, or both sides could wait for ever.
            if let br = telex.br { lines.slots[slot].window.didReport(br, now: event.now, limits: limits) }
            if verdict == .proved { lines.slots[slot].window.didProve() }
            guard fits else {
                counters.add(.windowOverrun)
                sendReport(slot, &event)
                return false
            }
            guard lines.slots[slot].admitsArrival(now: event.now, limits: limits) else {
                counters.add(.lineRate)
                return false
            }
            lines.slots[slot].unansweredDials = 0
        } else {
            lines.slots[slot].didReceiveFromStranger(size)
        }
        lines.slots[slot].seenAt = event.now
        return true
    }

    /// A telex that we sent to an address came back from it: the address is ours, or somebody reflects. A peer that
    /// drew the same ring by chance doesn't address itself.
    private mutating func isEcho(
        _ telex: Telex, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        guard let ring = telex.ring, ring == lines.slots[slot].proof.ringOut, !lines.slots[slot].isProven,
            lines.slots[slot].dialledAt != nil, telex.to == lines.slots[slot].endpoint
        else { return false }
        counters.add(.echo)
        let mirror = lines.slots[slot].endpoint
        let isSeed = lines.slots[slot].isSeed
        purge(slot, &event)
        if mirrors.count < Switch.mirrorsKept { mirrors.append(mirror) }
        if isSeed, address.isSeed(mirror) { addressChanged(&event) }
        return true
    }

    /// One machine has few addresses that it could be configured to be its own seed with.
    static let mirrorsKept = 8

    /// Commands count only in a telex with a valid `_line` and hop 0 (part A, rule 4).
    private mutating func obeyCommands(
        of telex: Telex, on slot: Int, isShortAnswer: Bool, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard telex.see != nil || telex.tap != nil || TreeNotice.isIn(telex), telex.hop == 0 else { return }
        guard lines.slots[slot].proof.honoursCommands else { return counters.add(.commandsLockedOut) }
        counters.add(.tapRulesIgnored, telex.ignoredTapRules)
        if let rules = telex.tap { takeTap(rules, of: telex, from: slot, &event) }
        if let notice = TreeNotice(of: telex) { return heed(notice, naming: telex.see, from: slot, &event) }
        guard let see = telex.see else { return }
        // Answers carry nothing else: what comes with a question or a tap names somebody unasked.
        let isAnswer = telex.signals.isEmpty && telex.tap == nil
        heed(see, isAnswer: isAnswer, accepted: telex.br, from: slot, isShort: isShortAnswer, &event)
    }
}
