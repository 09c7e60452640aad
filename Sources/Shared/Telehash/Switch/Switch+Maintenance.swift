extension Switch {
    mutating func doWhatIsDue(_ event: inout Event<some RandomNumberGenerator>) {
        expireQuestions(&event)
        sendPlannedProbes(&event)
        if lookups.deadline <= event.now { expireLookups(&event) }
        expirePublications(&event)
        if seeds.deadline <= event.now { dialSeeds(&event) }
        if ownTaps.deadline <= event.now { lookUpEnds(&event) }
        refreshTable(&event)
        if sweepAt <= event.now { sweep(&event) }
    }

    /// Looks through all lines: purges the dead, keeps the others alive, opens windows that are stuck.
    private mutating func sweep(_ event: inout Event<some RandomNumberGenerator>) {
        for slot in lines.ringing.reversed() {
            if isDead(slot, now: event.now) {
                counters.add(.linesPurged)
                purge(slot, &event)
            } else {
                dialAgain(slot, now: event.now)
            }
        }
        let proven = lines.proven
        for slot in proven {
            if isDead(slot, now: event.now) {
                counters.add(.linesPurged)
                purge(slot, &event)
                continue
            }
            if lines.slots[slot].window.recover(now: event.now, limits: limits) { counters.add(.windowsRecovered) }
            flushQueue(slot, &event)
            probeStalled(slot, &event)
            if lines.slots[slot].keepaliveAt <= event.now, isWanted(slot) { sendKeepalive(slot, &event) }
        }
        let hasLines = !lines.proven.isEmpty || !lines.ringing.isEmpty
        sweepAt = hasLines ? event.now.advanced(by: limits.sweep) : .distantFuture
    }

    private func isDead(_ slot: Int, now: Instant) -> Bool {
        lines.slots[slot].silence(now: now) >= limits.lineSilence
            && !lines.slots[slot].proof.isPending(now: now, limits: limits)
    }

    /// Whether a line is worth a keepalive: while there are few, all are. Others end when the peer wants them no more
    /// either; keeping every line that a lookup ever made would make everybody keep a line to everybody.
    private func isWanted(_ slot: Int) -> Bool {
        lines.proven.count <= limits.linesKeptAnyway || lines.slots[slot].isSeed || taps.hasTap(slot)
            || !lines.slots[slot].tapHeld.ends.isEmpty
            || buckets.contains(lines.slots[slot].endpoint, id: lines.slots[slot].id)
    }

    /// Works out when something is due next.
    mutating func planNext(_ event: inout Event<some RandomNumberGenerator>) {
        publications.tidy()
        var next = min(sweepAt, seeds.deadline, ownTaps.deadline)
        next = min(next, ownLookupAt, lookups.deadline)
        next = min(next, publications.deadline, questionExpiries.first?.at ?? .distantFuture)
        next = min(next, probesDue.first?.at ?? .distantFuture)
        if wantsJoinLookup { next = min(next, max(joinLookupDue, event.now)) }
        if dialler.next != nil { next = min(next, dialler.ready(now: event.now)) }
        nextDeadline = next
    }
}
