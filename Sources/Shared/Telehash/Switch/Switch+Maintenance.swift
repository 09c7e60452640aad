extension Switch {
    mutating func doWhatIsDue(_ event: inout Event<some RandomNumberGenerator>) {
        expireQuestions(&event)
        sendPlannedProbes(&event)
        if lookups.deadline <= event.now { expireLookups(&event) }
        expirePublications(&event)
        if seeds.deadline <= event.now { dialSeeds(&event) }
        if known.deadline <= event.now { meetKnown(now: event.now) }
        if ownTaps.deadline <= event.now { lookUpEnds(&event) }
        judgeHosts(now: event.now)
        refreshTable(&event)
        checkEntries(&event)
        if sweepAt <= event.now { sweep(&event) }
        // After the sweep: a question would put off the look that finds a dead line.
        if hearing.checkAt <= event.now { checkHearing(&event) }
    }

    /// Looks at the lines that are due: purges the dead, keeps the others alive, opens windows that are stuck.
    private mutating func sweep(_ event: inout Event<some RandomNumberGenerator>) {
        var next = Instant.distantFuture
        for slot in lines.ringing.reversed() {
            if isDead(slot, now: event.now) {
                counters.add(.linesPurged)
                purge(slot, &event)
                continue
            }
            dialAgain(slot, now: event.now)
            next = min(next, nextLook(atRinging: slot, now: event.now))
        }
        while let entry = looks.popDue(now: event.now) {
            guard let slot = lines.slot(of: entry.line), lines.slots[slot].lookAt == entry.at else { continue }
            lookNow(at: slot, &event)
        }
        if looks.count > 2 * lines.proven.count + Switch.staleLooks { enterLooksAnew() }
        lines.trim()
        looks.trim()
        next = min(next, looks.first?.at ?? .distantFuture)
        sweepAt = next == .distantFuture ? next : max(next, event.now.advanced(by: limits.shortestSweep))
    }

    private mutating func lookNow(at slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        lines.slots[slot].lookAt = .distantFuture
        if let rest = rest(of: slot), rest > event.now { return look(at: slot, by: rest) }
        if isDead(slot, now: event.now) {
            counters.add(.linesPurged)
            return bury(slot, &event)
        }
        if lines.slots[slot].window.recover(now: event.now, limits: limits) { counters.add(.windowsRecovered) }
        flushQueue(slot, &event)
        probeStalled(slot, &event)
        keepAlive(slot, &event)
        let soon = event.now.advanced(by: limits.sweep)
        look(at: slot, by: rest(of: slot).map { max($0, soon) } ?? event.now.advanced(by: limits.stalledWindow))
    }

    /// Sees to it that a proven line is looked at by then. Whoever lets something wait on a line, or plans something sooner
    /// than before, must say so here.
    mutating func look(at slot: Int, by moment: Instant) {
        guard lines.slots[slot].isProven, moment < lines.slots[slot].lookAt else { return }
        lines.slots[slot].lookAt = moment
        looks.insert(LookQueue.Entry(line: lines.handle(slot), at: moment))
        sweepAt = min(sweepAt, moment)
    }

    /// When the next keepalive of a proven line goes out, if it is still wanted then.
    mutating func planKeepalive(on slot: Int, at moment: Instant) {
        lines.slots[slot].keepaliveAt = moment
        look(at: slot, by: moment)
    }

    /// Entries that lines left behind by being entered again.
    private static let staleLooks = 64

    private mutating func enterLooksAnew() {
        looks.removeAll()
        for peer in lines.proven {
            let at = lines.slots[peer.slot].lookAt
            looks.insert(LookQueue.Entry(line: lines.handle(peer.slot), at: at))
        }
    }

    /// A proven line was silent for too long. Whoever did not answer our keepalives is dead; of others we only know that
    /// nobody needed the line.
    private mutating func bury(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        let wasAsked = isWanted(slot) && lines.slots[slot].silence(now: event.now) >= limits.lineSilence
        let endpoint = lines.slots[slot].endpoint
        let id = lines.slots[slot].id
        let isSeed = lines.slots[slot].isSeed
        purge(slot, &event)
        guard wasAsked else { return }
        giveUp(endpoint, id: id, now: event.now)
        if isSeed { seeds.didLose(endpoint, now: event.now, limits: limits, using: &event.random) }
    }

    private func isDead(_ slot: Int, now: Instant) -> Bool {
        lines.slots[slot].quietSince.duration(to: now) >= patience(with: slot)
            && !lines.slots[slot].proof.isPending(now: now, limits: limits)
    }

    private func patience(with slot: Int) -> Duration {
        let isStranger = !lines.slots[slot].isProven && lines.slots[slot].dialledAt == nil
        return isStranger ? limits.strangerSilence : limits.lineSilence
    }

    private func nextLook(atRinging slot: Int, now: Instant) -> Instant {
        let end = max(lines.slots[slot].heardAt.advanced(by: patience(with: slot)), now.advanced(by: limits.sweep))
        guard lines.slots[slot].unansweredDials > 0, let dialledAt = lines.slots[slot].dialledAt,
            !lines.slots[slot].isSeed
        else { return end }
        let again = dialledAt.advanced(by: limits.redialInterval)
        return again > now ? min(end, again) : end
    }

    private func rest(of slot: Int) -> Instant? {
        lines.slots[slot].rest(until: limits.lineSilence, window: limits.sendWindow)
    }

    /// Asks something on a line that we want, when one side was silent for so long that the line may end; renews our taps
    /// where the line holds any.
    private mutating func keepAlive(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        guard lines.slots[slot].keepaliveAt <= event.now else { return }
        let due = lines.slots[slot].quietSince.advanced(by: limits.keepalive)
        guard isWanted(slot) else {
            return planKeepalive(on: slot, at: max(due, event.now.advanced(by: limits.keepaliveRepeat)))
        }
        if due <= event.now || !lines.slots[slot].tapHeld.ends.isEmpty
            || selection(for: slot) != lines.slots[slot].tapHeld
        {
            sendKeepalive(slot, &event)
        } else {
            planKeepalive(on: slot, at: due)
        }
    }

    /// Whether a line is worth a keepalive: our neighbours, those that hold taps of ours, and those that hold a tap here
    /// and don't know how to keep a line themselves. Others end when the peer wants them no more either; keeping every
    /// line that a lookup ever made would make everybody keep a line to everybody.
    func isWanted(_ slot: Int) -> Bool {
        if !lines.slots[slot].tapHeld.ends.isEmpty { return true }
        if buckets.isNeighbour(lines.slots[slot].endpoint, id: lines.slots[slot].id) { return true }
        return (lines.slots[slot].isSeed && knowsFew) || (!lines.slots[slot].isSwitch && taps.hasTap(slot))
    }

    /// Works out when something is due next.
    mutating func planNext(_ event: inout Event<some RandomNumberGenerator>) {
        publications.tidy()
        var next = min(sweepAt, seeds.deadline, ownTaps.deadline, hearing.checkAt)
        next = min(next, treesDueAt, ownLookupAt, lookups.deadline, known.deadline)
        next = min(next, publications.deadline, questionExpiries.first?.at ?? .distantFuture)
        next = min(next, probesDue.first?.at ?? .distantFuture)
        next = min(next, checks.deadline(limits: limits), silentHosts.deadline(limits: limits))
        if wantsJoinLookup { next = min(next, max(joinLookupDue, event.now)) }
        if dialler.next != nil { next = min(next, dialler.ready(now: event.now)) }
        nextDeadline = next
    }
}
