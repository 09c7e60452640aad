import TelehashWire

// Lines begin and end, and what the layers above them make of it.
extension Exchange {
    /// The peer received our ring at its address.
    mutating func becomeProven(_ slot: Int, _ moment: inout Moment) {
        let young = moment.now.advanced(by: .zero - limits.lines.youngLine)
        let victim = lines.provenVictim(for: slot) {
            isWanted($0) || taps.hasTap($0) || lines[$0].openedAt > young
        }
        if let victim {
            moment.count(.linesEvicted)
            purge(victim, &moment)
        }
        lines.promote(slot, &moment)
    }

    /// The peer began anew on the same address: what the old one had told us is void.
    mutating func restart(_ slot: Int, _ moment: inout Moment) {
        moment.count(.linesRestarted)
        dropTaps(slot)
        lines.restart(slot, now: moment.now)
        giveUpCopies(on: slot, &moment)
        placeTapsAnew()
        routing.didRestart(slot)
    }

    /// First words on a proven line to somebody who may stand in our table, or who is near us already: who are you near,
    /// and here is what we want. They also show the peer that *we* received *its* ring.
    ///
    /// Others that we dialled are shown no more than that. Without it they would soon forget a line that we hold for
    /// proven, and if both dial each other like that each holds another line, over which the other hears nothing.
    mutating func introduce(_ slot: Int, _ moment: inout Moment) {
        if isWanted(slot) || routing.buckets.wants(lines[slot].endpoint, id: lines[slot].id) {
            sendKeepalive(slot, &moment)
        } else if lines[slot].dialledAt != nil {
            lines.sendReport(slot, &moment)
        }
    }

    mutating func purge(_ slot: Int, _ moment: inout Moment) {
        dropTaps(slot)
        trees.lose(lines[slot].endpoint, now: moment.now)
        giveUpCopies(on: slot, &moment)
        routing.close(slot, &moment)
    }

    /// Whether a telex of ours came back: then its line leads to ourselves.
    mutating func isEcho(_ telex: Telex, on slot: Int, _ moment: inout Moment) -> Bool {
        guard lines[slot].isEcho(telex, limits: limits) else { return false }
        moment.count(.echo)
        let (mirror, isSeed) = (lines[slot].endpoint, lines[slot].isSeed)
        purge(slot, &moment)
        if routing.didMirror(mirror, isSeed: isSeed, now: moment.now) { addressChanged(&moment) }
        return true
    }

    // MARK: What peers tell us

    /// Takes note of the address at which a proven peer sees us.
    mutating func learnAddress(from telex: Telex, on slot: Int, _ moment: inout Moment) {
        guard routing.isTold(telex.to, by: slot) else { return }
        if routing.believesSeed(slot, saying: telex.to) { addressChanged(&moment) }
        if routing.countAddressVotes() { addressChanged(&moment) }
    }

    /// We have a new place: the table moves, our neighbours are looked up, and peers get the new `+pop` rule.
    private mutating func addressChanged(_ moment: inout Moment) {
        guard let own = routing.address.endpoint, let id = routing.address.id else { return }
        if let mirror = lines.slot(of: own) { purge(mirror, &moment) }
        routing.move(to: id, now: moment.now)
        placeTapsAnew()
    }

    /// The peer names switches, so it is one. Its address may turn out to be ours: then there is no line any more.
    private mutating func becomeSwitch(_ slot: Int, _ moment: inout Moment) {
        routing.becomeSwitch(slot, now: moment.now)
        let handle = lines.handle(slot)
        if routing.countAddressVotes() { addressChanged(&moment) }
        if lines.slot(of: handle) == slot { handOpenPublications(to: slot, &moment) }
    }

    /// Commands count only in a telex with a valid `_line` and hop 0 (part A, rule 4).
    mutating func obeyCommands(of telex: Telex, on slot: Int, isShortAnswer: Bool, _ moment: inout Moment) {
        guard telex.see != nil || telex.tap != nil || TreeNotice.isIn(telex), telex.hop == 0 else { return }
        guard lines[slot].proof.honoursCommands else { return moment.count(.commandsLockedOut) }
        moment.count(.tapRulesIgnored, telex.ignoredTapRules)
        if let rules = telex.tap { takeTap(rules, of: telex, from: slot, &moment) }
        if trees.isOn, let notice = TreeNotice(of: telex) {
            return heed(notice, naming: telex.see, from: slot, &moment)
        }
        guard let see = telex.see else { return }
        // Answers carry nothing else: what comes with a question or a tap names somebody unasked.
        let isAnswer = telex.signals.isEmpty && telex.tap == nil
        heed(see, isAnswer: isAnswer, accepted: telex.br, from: slot, isShort: isShortAnswer, &moment)
    }

    /// A proven peer names switches: an answer to something we asked, or news.
    private mutating func heed(
        _ see: [Endpoint], isAnswer: Bool, accepted: Int?, from slot: Int, isShort: Bool, _ moment: inout Moment
    ) {
        let teller = lines.handle(slot)
        if !lines.isSwitch(slot) { becomeSwitch(slot, &moment) }
        guard lines.slot(of: teller) == slot else { return }
        if isAnswer, lines.hearing.didHear() { lookAround(&moment) }
        if isAnswer, let accepted {
            heed(lines.didAnswer(slot, accepted: accepted, now: moment.now), on: slot, &moment)
        }
        routing.noteHeard(slot, .answeredUs, now: moment.now)
        let peer = lines[slot].endpoint
        let acceptable = see.prefix(WireLimits.seenEndpoints + 1).filter { routing.mayMeet($0, toldBy: peer) }
        if isAnswer {
            let isShort = isShort && see.count >= limits.routing.strangerSee
            routing.tellLookups(acceptable, by: slot, isShort: isShort, now: moment.now)
        }
        for endpoint in acceptable where endpoint != peer { routing.noteNamed(endpoint, by: teller, &moment) }
    }

    // MARK: What is due

    /// Looks at the lines that are due: purges the dead, keeps the others alive, opens windows that are stuck.
    mutating func sweep(_ moment: inout Moment) {
        var next = Instant.distantFuture
        for slot in lines.ringing.reversed() {
            if lines.isDead(slot, now: moment.now) {
                moment.count(.linesPurged)
                purge(slot, &moment)
                continue
            }
            routing.dialAgain(slot, &moment)
            next = min(next, lines.nextLook(atRinging: slot, now: moment.now))
        }
        while let slot = lines.nextLook(now: moment.now) {
            if lines.isDead(slot, now: moment.now) {
                moment.count(.linesPurged)
                bury(slot, &moment)
                continue
            }
            lines.recover(slot, &moment)
            flushQueue(slot, &moment)
            lines.probeStalled(slot, &moment)
            keepAlive(slot, &moment)
            lines.didLook(at: slot, now: moment.now)
        }
        lines.endSweep(next: next, now: moment.now)
    }

    /// A proven line was silent for too long. Whoever did not answer our keepalives is dead; of others we only know that
    /// nobody needed the line.
    private mutating func bury(_ slot: Int, _ moment: inout Moment) {
        let wasAsked = isWanted(slot) && lines[slot].silence(now: moment.now) >= limits.lines.lineSilence
        let (endpoint, id, isSeed) = (lines[slot].endpoint, lines[slot].id, lines[slot].isSeed)
        purge(slot, &moment)
        guard wasAsked else { return }
        routing.giveUp(endpoint, id: id, &moment)
        if isSeed { routing.seeds.didLose(endpoint, now: moment.now, using: &moment.random) }
    }

    /// Checks the entry that was silent for longest, when it was so for too long. Who fails is gone.
    mutating func checkEntries(_ moment: inout Moment) {
        let late = routing.checks.expire(now: moment.now)
        for check in late.failed {
            if let slot = lines.provenSlot(of: check.endpoint) { purge(slot, &moment) }
            routing.giveUp(check.endpoint, id: check.id, &moment)
        }
        routing.checkEntries(again: late.again, &moment)
    }

    /// Begins lookups, asks the next switches, and ends what is finished. Where an end has a tree, a lookup begins with those
    /// that were the closest a short while ago.
    private mutating func advanceLookups(_ moment: inout Moment) {
        var goesOn = true
        while goesOn {
            let finished = routing.advanceLookups(from: { [trees] in trees.roots(of: $0) }, &moment)
            var isContinued = false
            for lookup in finished {
                let roots = trees.roots(of: lookup.target)
                if routing.goOn(with: lookup, isAnEnd: isAnEnd(lookup.target), from: roots, &moment) {
                    isContinued = true
                    continue
                }
                reviewPublications(for: lookup.target, &moment)
                rootsFound(by: lookup, &moment)
                for id in lookup.ids { moment.effects.append(.found(lookup.report(as: id, now: moment.now))) }
            }
            goesOn = !finished.isEmpty && (isContinued || !routing.lookups.queued.isEmpty)
        }
        routing.lookups.plan(patience: routing.answerTime.patience)
    }

    /// Whether something is heard or said at a place.
    private func isAnEnd(_ place: NodeID) -> Bool {
        ownTaps.ends.contains(place) || publications.open.contains { publications[$0]?.end == place }
    }

    /// What may follow from any event: new tap hosts, and room for lookups and dials.
    mutating func settle(_ moment: inout Moment) {
        for endpoint in routing.evicted { trees.lose(endpoint, now: moment.now) }
        if !routing.evicted.isEmpty { routing.evicted = [] }
        routing.lookUpAfterJoin(ends: ownTaps.ordered, &moment)
        if routing.lookups.isMoving {
            routing.lookups.isMoving = false
            advanceLookups(&moment)
        }
        routing.dialWaiting(&moment)
        for end in trees.due(now: moment.now) { tendTree(of: end, &moment) }
        placeTaps(&moment)
    }
}
