import TelehashWire

// Ends whose closest switches have more tappers than they serve: the tapper's side of trees of tappers.
extension Switch {
    /// A host says whether it holds our tap for an end. It counts only where it got one.
    mutating func heed(
        _ notice: TreeNotice, naming see: [Endpoint]?, from slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let endpoint = lines.slots[slot].endpoint
        guard ownTaps.ends.contains(notice.end), lines.slots[slot].tapHeld.ends.contains(notice.end) else {
            return counters.add(.redirectsUnasked)
        }
        // Where all of the closest serve us there is nothing to be learnt from one that says so.
        guard see != nil || notice.level > 0 || parents[notice.end] != nil else { return }
        if parents[notice.end] == nil { enterTree(of: notice.end, &event) }
        if notice.level > 0, parents[notice.end]?.isRoot(endpoint) == true {
            // It knows better who is closest. A lookup misses the closest when too many ask them at once, and whoever takes
            // the next ones for them is served by nobody, and heard by nobody.
            lookUp(notice.end, unlessWithin: limits.joinLookupInterval, now: event.now)
        }
        guard let see else {
            parents[notice.end]?.isServed(by: endpoint, level: notice.level, now: event.now, limits: limits)
            return
        }
        counters.add(.redirectsFollowed)
        lines.slots[slot].tapHeld.ends.removeAll { $0 == notice.end }
        let named = see.prefix(WireLimits.seenEndpoints).filter { $0 != endpoint && mayMeet($0, toldBy: endpoint) }
        parents[notice.end]?.isSentOn(
            by: endpoint, level: notice.level, to: named, teller: lines.handle(slot), now: event.now, limits: limits)
    }

    /// The end has a tree. Hosts that hold our tap are asked to confirm it.
    private mutating func enterTree(of end: NodeID, _ event: inout Event<some RandomNumberGenerator>) {
        var tree = Parents(end: end, now: event.now)
        for (rank, slot) in rememberedClosestSlots(to: end).enumerated()
        where lines.slots[slot].tapHeld.ends.contains(end) {
            tree.assume(
                lines.slots[slot].endpoint, isReserve: rank >= limits.k, now: event.now, limits: limits)
        }
        parents[end] = tree
        // Who the closest are decides where everybody stands: what we know of them may be old.
        lookUp(end, unlessWithin: limits.joinLookupInterval, now: event.now)
    }

    /// Somebody whom others sent to us taps an own end here: so it has a tree, and we stand in it.
    mutating func noteOwnTree(_ end: String, _ event: inout Event<some RandomNumberGenerator>) {
        guard let place = NodeID(hex: end), ownTaps.ends.contains(place) else { return }
        if parents[place] == nil { enterTree(of: place, &event) }
        parents[place]?.noteTree(now: event.now)
    }

    /// A lookup found the switches closest to an end. Some may be there that were asked by too many to answer: then it is
    /// repeated when there are fewer.
    mutating func rootsFound(
        of end: NodeID, _ closest: [Endpoint], silent: [Endpoint], _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard parents[end] != nil, !closest.isEmpty else { return }
        let silent = silent.filter { mayMeet($0, toldBy: nil) }
        parents[end]?.foundRoots(closest, silent: silent, now: event.now, limits: limits)
        guard let pause = parents[end]?.pauseOfLookup(limits: limits) else { return }
        ownTaps.lookUp(end, by: event.now.advanced(by: pause * Double.random(in: 1...1.5, using: &event.random)))
    }

    /// The line is gone or began anew.
    mutating func loseParent(_ endpoint: Endpoint, now: Instant) {
        guard !parents.isEmpty else { return }
        for end in parents.keys { parents[end]?.lose(endpoint, now: now) }
    }

    /// What one `.tap` says about its rules.
    func treeMarks(of selection: OwnTaps.Selection, for slot: Int) -> [TreeMark] {
        selection.ends.map { end in
            parents[end]?.mark(for: lines.slots[slot].endpoint, children: hosted.count(end.hex)) ?? .plain
        }
    }

    /// A `.tap` went out.
    mutating func didTap(_ selection: OwnTaps.Selection, on slot: Int, now: Instant) {
        lines.slots[slot].tapHeld = selection
        guard !parents.isEmpty else { return }
        for (end, mark) in zip(selection.ends, treeMarks(of: selection, for: slot)) where parents[end] != nil {
            parents[end]?.didTap(lines.slots[slot].endpoint, mark: mark, now: now)
        }
    }
}

// What is due.
extension Switch {
    var treesDueAt: Instant { parents.values.lazy.map(\.dueAt).min() ?? .distantFuture }

    mutating func tendTrees(_ event: inout Event<some RandomNumberGenerator>) {
        guard treesDueAt <= event.now else { return }
        for end in parents.keys.sorted() where (parents[end]?.dueAt ?? .distantFuture) <= event.now {
            tendTree(of: end, &event)
        }
    }

    private mutating func tendTree(of end: NodeID, _ event: inout Event<some RandomNumberGenerator>) {
        counters.add(.parentsSilent, parents[end]?.judge(now: event.now, limits: limits) ?? 0)
        for host in parents[end]?.hosts ?? [] { tend(host, of: end, &event) }
        for idle in parents[end]?.surplus(now: event.now, limits: limits) ?? [] { leave(idle, end, &event) }
        retryRoots(of: end, &event)
        while let candidate = parents[end]?.takeCandidate(now: event.now, limits: limits) {
            // Whom we serve hears nothing that we don't.
            if let slot = lines.slot(of: candidate.endpoint), hosted.serves(slot, at: end.hex) {
                parents[end]?.lose(candidate.endpoint, now: event.now)
                continue
            }
            contact(candidate.endpoint, end, toldBy: candidate.teller, &event)
        }
        tellChildren(of: end, &event)
        parents[end]?.forgetRefusals(after: limits.refusalMemory, now: event.now)
        if parents[end]?.isOver(now: event.now, limits: limits) == true, hosted.count(end.hex) == 0 {
            parents[end] = nil
            tapsPlacedFor.table = -1
            return
        }
        parents[end]?.plan(now: event.now, limits: limits)
    }

    private mutating func tend(
        _ host: Parents.Host, of end: NodeID, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let age = host.since.duration(to: event.now)
        switch host.state {
        case .dialled:
            if age >= limits.dialPatience { return parents[end]?.lose(host.endpoint, now: event.now) ?? () }
            contact(host.endpoint, end, toldBy: nil, &event)
        case .asked(let tries):
            guard age >= limits.tapAnswerPatience else { return }
            if tries < limits.tapTries {
                contact(host.endpoint, end, toldBy: nil, &event)
            } else if host.isRoot {
                // A root of 2011 holds every tap and says nothing.
                parents[end]?.isServed(
                    by: host.endpoint, level: host.level, isAssumed: true, now: event.now, limits: limits)
            } else {
                leave(host.endpoint, end, &event)
            }
        case .serving: watch(host, of: end, &event)
        case .refused: return
        }
    }

    /// A parent that says nothing is asked, and given up when it does not answer. One that has a better use for our
    /// place is told how many others we have.
    private mutating func watch(
        _ host: Parents.Host, of end: NodeID, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard let slot = lines.slot(of: host.endpoint), lines.slots[slot].isProven else {
            return parents[end]?.lose(host.endpoint, now: event.now) ?? ()
        }
        let silence = lines.slots[slot].silence(now: event.now)
        if silence >= limits.parentSilence {
            counters.add(.parentsSilent)
            return leave(host.endpoint, end, &event)
        }
        if silence < limits.parentPing {
            if host.isPinged { parents[end]?.isAlive(host.endpoint) }
        } else if !host.isPinged {
            parents[end]?.ping(host.endpoint)
            return sendKeepalive(slot, &event)
        }
        guard host.level == 0, let told = host.markTold, let toldAt = host.markToldAt,
            toldAt.duration(to: event.now) >= limits.markInterval,
            let mark = parents[end]?.mark(for: host.endpoint, children: hosted.count(end.hex))
        else { return }
        let hadRoom = told.children < limits.tapsPerEnd
        guard told.parents != mark.parents || hadRoom != (mark.children < limits.tapsPerEnd) else { return }
        sendTap(selection(for: slot), to: slot, &event)
    }

    /// Takes our tap for an end back from a host.
    private mutating func leave(
        _ endpoint: Endpoint, _ end: NodeID, _ event: inout Event<some RandomNumberGenerator>
    ) {
        parents[end]?.lose(endpoint, now: event.now)
        guard let slot = lines.slot(of: endpoint), lines.slots[slot].tapHeld.ends.contains(end) else { return }
        sendTap(selection(for: slot), to: slot, &event)
    }

    /// Asks roots again: they may have found room or know others.
    private mutating func retryRoots(of end: NodeID, _ event: inout Event<some RandomNumberGenerator>) {
        guard let count = parents[end]?.rootsToAsk(now: event.now, limits: limits), count > 0 else { return }
        parents[end]?.didAskRoots(jitter: .random(in: 0.5...1.5, using: &event.random), now: event.now)
        let refused = parents[end]?.hosts.filter { $0.isRoot && $0.state == .refused } ?? []
        let shuffled = refused.shuffled(using: &event.random)
        for root in (shuffled.filter { !$0.isReserve } + shuffled.filter(\.isReserve)).prefix(count) {
            parents[end]?.retry(root.endpoint, now: event.now)
            contact(root.endpoint, end, toldBy: nil, &event)
        }
    }

    /// Taps a switch, or dials it first: within the budget of all dials, and one of its own, because the address may
    /// be a liar's choice.
    private mutating func contact(
        _ endpoint: Endpoint, _ end: NodeID, toldBy teller: LineTable.Handle?,
        _ event: inout Event<some RandomNumberGenerator>
    ) {
        if let slot = lines.slot(of: endpoint), lines.slots[slot].isProven {
            return sendTap(selection(for: slot), to: slot, &event)
        }
        if let slot = lines.slot(of: endpoint), lines.slots[slot].unansweredDials > 0 { return }
        guard treeDials.take(now: event.now) else { return counters.add(.treeDialRate) }
        switch dial(endpoint, for: end, toldBy: teller, &event) {
        case .asked, .underWay, .later: return
        case .never: parents[end]?.lose(endpoint, now: event.now)
        }
    }
}
