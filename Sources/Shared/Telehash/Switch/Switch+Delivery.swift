// How a publication learns that its copies arrived: see ``DeliveryLog``.
extension Switch {
    /// A copy went out on a line; a question behind it will tell whether it arrived.
    mutating func didHandOver(
        _ handle: PublicationHandle, size: Int, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        counters.add(.handOvers)
        let line = lines.handle(slot)
        let isOpen: Bool? = publications.update(handle) { publication in
            guard let copy = publication.copy(on: line) else { return false }
            publication.copies[copy].isHanded = true
            if case .queued = publication.copies[copy].state { publication.copies[copy].state = .sent(repeated: false) }
            return true
        }
        guard isOpen == true else { return }
        let mark = lines.slots[slot].window.sent
        let handOver = DeliveryLog.HandOver(publication: handle, mark: mark, size: size)
        guard lines.slots[slot].deliveries.didHandOver(handOver, limits: limits) else {
            return markLost(handle, on: line, &event)
        }
        probe(slot, &event)
    }

    /// Asks a question behind the copies on a line, unless one is out that may still be answered, or the last one was
    /// just now.
    mutating func probe(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        guard lines.slots[slot].deliveries.hasWaiting else { return }
        var due = event.now
        if let last = lines.slots[slot].deliveries.lastProbeAt {
            due = max(due, last.advanced(by: limits.probeInterval))
        }
        if let again = lines.slots[slot].deliveries.repeatsProbe(limits: limits) {
            due = max(due, again)
        } else if !lines.slots[slot].deliveries.wantsProbe {
            return
        }
        if due <= event.now {
            let wasAsked = ask(slot, for: place, isProbe: true, &event)
            // A full window is looked at again later: the moment that the last probe was to be repeated is over.
            let again = wasAsked ? lines.slots[slot].deliveries.repeatsProbe(limits: limits) : nil
            due = again ?? event.now.advanced(by: limits.probeRepeat)
        }
        planProbe(slot, at: due, now: event.now)
    }

    private mutating func planProbe(_ slot: Int, at due: Instant, now: Instant) {
        if let planned = lines.slots[slot].probePlannedAt, planned > now, planned <= due { return }
        lines.slots[slot].probePlannedAt = due
        probesDue.insert(lines.handle(slot), at: due)
    }

    /// Asks a question on a line whose window is closed and does not move, to learn what was lost.
    mutating func probeStalled(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        guard lines.slots[slot].window.isStalled(now: event.now, limits: limits),
            !lines.slots[slot].deliveries.hasQuestionsOut
        else { return }
        _ = ask(slot, for: place, isProbe: true, &event)
    }

    /// Sends the probes that were planned.
    mutating func sendPlannedProbes(_ event: inout Event<some RandomNumberGenerator>) {
        while let handle = probesDue.popDue(now: event.now) {
            guard let slot = lines.slot(of: handle) else { continue }
            guard let planned = lines.slots[slot].probePlannedAt, planned <= event.now else { continue }
            lines.slots[slot].probePlannedAt = nil
            probe(slot, &event)
        }
    }

    /// An answer says, or its absence, what became of the copies on a line.
    mutating func heed(
        _ verdict: DeliveryLog.Verdict, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let line = lines.handle(slot)
        for handOver in verdict.arrived { markTaken(handOver.publication, on: line, &event) }
        for handOver in verdict.doubtful { sendAgain(handOver.publication, on: slot, &event) }
        probe(slot, &event)
    }

    /// Gives up on questions that were not answered.
    mutating func expireQuestions(_ event: inout Event<some RandomNumberGenerator>) {
        while let handle = questionExpiries.popDue(now: event.now) {
            guard let slot = lines.slot(of: handle) else { continue }
            let verdict = lines.slots[slot].deliveries.expire(now: event.now, limits: limits)
            heed(verdict, on: slot, &event)
        }
    }

    private mutating func markTaken(
        _ handle: PublicationHandle, on line: LineTable.Handle, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let wasOpen: Void? = publications.update(handle) { publication in
            guard let copy = publication.copy(on: line) else { return }
            publication.copies[copy].state = .taken
        }
        guard wasOpen != nil else { return }
        counters.add(.handOversTaken)
        review(handle, changed: true, &event)
    }

    /// Nothing more is tried for one copy.
    mutating func markLost(
        _ handle: PublicationHandle, on line: LineTable.Handle, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let wasOpen: Void? = publications.update(handle) { publication in
            guard let copy = publication.copy(on: line) else { return }
            publication.copies[copy].state = .lost
        }
        guard wasOpen != nil else { return }
        counters.add(.handOversLost)
        review(handle, changed: false, &event)
    }

    /// Repeats a copy that may not have arrived, once.
    private mutating func sendAgain(
        _ handle: PublicationHandle, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let line = lines.handle(slot)
        guard let publication = publications[handle], let copy = publication.copy(on: line) else { return }
        guard case .sent(repeated: false) = publication.copies[copy].state else {
            return markLost(handle, on: line, &event)
        }
        _ = publications.update(handle) { $0.copies[copy].state = .sent(repeated: true) }
        counters.add(.handOversRepeated)
        switch sendSignals(publication.signals, hop: publication.hop, on: slot, for: handle, &event) {
        case .sent(let size): didHandOver(handle, size: size, on: slot, &event)
        case .queued: break
        case .dropped: markLost(handle, on: line, &event)
        }
    }

    /// The line is gone or began anew: whatever was on its way there is lost.
    mutating func giveUpCopies(on slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        let line = lines.handle(slot)
        for handOver in lines.slots[slot].deliveries.reset() { markLost(handOver.publication, on: line, &event) }
        while let item = lines.slots[slot].queue.first {
            lines.slots[slot].queue.removeFirst()
            if let publication = item.publication { markLost(publication, on: line, &event) }
        }
    }
}
