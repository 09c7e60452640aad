import TelehashWire

// Ends whose closest switches have more tappers than they serve: the tapper's side of trees of tappers.
extension Exchange {
    /// A host says whether it holds our tap for an end. It counts only where it got one.
    mutating func heed(_ notice: TreeNotice, naming see: [Endpoint]?, from slot: Int, _ moment: inout Moment) {
        let end = notice.end
        let endpoint = lines[slot].endpoint
        guard ownTaps.ends.contains(end), lines[slot].tapHeld.ends.contains(end) else {
            return moment.count(.redirectsUnasked)
        }
        // Where all of the closest serve us there is nothing to be learnt from one that says so.
        guard see != nil || notice.level > 0 || trees[end] != nil else { return }
        if trees[end] == nil { enterTree(of: end, &moment) }
        if notice.level > 0, trees[end]?.host(at: endpoint)?.isPlainRoot == true {
            // It knows better who is closest. A lookup misses the closest when too many ask them at once, and whoever takes
            // the next ones for them is served by nobody, and heard by nobody.
            routing.lookUp(end, unlessWithin: limits.routing.joinLookupInterval, &moment)
        }
        guard let see else {
            trees[end]?.isServed(by: endpoint, level: notice.level, now: moment.now)
            return
        }
        moment.count(.redirectsFollowed)
        lines[slot].tapHeld.ends.removeAll { $0 == end }
        let named = see.prefix(WireLimits.seenEndpoints).filter {
            $0 != endpoint && routing.mayMeet($0, toldBy: endpoint)
        }
        let teller = lines.handle(slot)
        trees[end]?.isSentOn(by: endpoint, level: notice.level, to: named, teller: teller, now: moment.now)
    }

    /// The end has a tree. Hosts that hold our tap are asked to confirm it.
    private mutating func enterTree(of end: NodeID, _ moment: inout Moment) {
        let silent = silentHosts.hosts(of: end)
        let hosts = routing.rememberedClosestSlots(to: end, besides: silent).enumerated()
            .filter { lines[$0.element].tapHeld.ends.contains(end) }
            .map { (endpoint: lines[$0.element].endpoint, isReserve: $0.offset >= limits.routing.k) }
        trees.enter(end, heldBy: hosts, now: moment.now)
        // Who the closest are decides where everybody stands: what we know of them may be old.
        routing.lookUp(end, unlessWithin: limits.routing.joinLookupInterval, &moment)
    }

    /// Somebody whom others sent to us taps an own end here: so it has a tree, and we stand in it.
    mutating func noteOwnTree(_ end: NodeID, _ moment: inout Moment) {
        guard ownTaps.ends.contains(end) else { return }
        if trees[end] == nil { enterTree(of: end, &moment) }
        trees[end]?.noteTree(now: moment.now)
    }

    /// A lookup found the switches closest to an end. Some may be there that were asked by too many to answer: then it is
    /// repeated when there are fewer.
    mutating func rootsFound(by lookup: Lookup, _ moment: inout Moment) {
        let end = lookup.target
        guard trees[end] != nil else { return }
        // When there are more in the region than the nearest that answered, all that are known there.
        var closest = lookup.closestResponders
        let region = routing.rememberedClosestSlots(to: end, besides: silentHosts.hosts(of: end))
        if region.count > limits.routing.k {
            closest += region.map { lines[$0].endpoint }.filter { [closest] in !closest.contains($0) }
        }
        guard !closest.isEmpty else { return }
        let silent = lookup.silentClosest.filter { routing.mayMeet($0, toldBy: nil) }
        trees[end]?.foundRoots(closest, silent: silent, now: moment.now)
        guard let pause = trees[end]?.pauseOfLookup else { return }
        ownTaps.lookUp(end, by: moment.now.advanced(by: pause * Double.random(in: 1...1.5, using: &moment.random)))
    }

    // MARK: What is due

    mutating func tendTree(of end: NodeID, _ moment: inout Moment) {
        moment.count(.parentsSilent, trees[end]?.judge(now: moment.now) ?? 0)
        for host in trees[end]?.hosts ?? [] { tend(host, of: end, &moment) }
        for idle in trees[end]?.surplus(now: moment.now) ?? [] { leave(idle, end, &moment) }
        retryRoots(of: end, &moment)
        while let candidate = trees[end]?.takeCandidate(now: moment.now) {
            // Whom we serve hears nothing that we don't.
            if let slot = lines.slot(of: candidate.endpoint), trees.hosted.serves(slot, at: end) {
                trees[end]?.lose(candidate.endpoint, now: moment.now)
                continue
            }
            contact(candidate.endpoint, end, toldBy: candidate.teller, &moment)
        }
        tellChildren(of: end, &moment)
        trees[end]?.forgetRefusals(after: limits.trees.refusalMemory, now: moment.now)
        if trees[end]?.isOver(now: moment.now) == true, trees.hosted.count(end) == 0 {
            trees[end] = nil
            return placeTapsAnew()
        }
        trees[end]?.plan(now: moment.now)
    }

    private mutating func tend(_ host: Parents.Host, of end: NodeID, _ moment: inout Moment) {
        let age = host.since.duration(to: moment.now)
        switch host.state {
        case .dialled:
            if age >= limits.trees.dialPatience { return trees[end]?.lose(host.endpoint, now: moment.now) ?? () }
            contact(host.endpoint, end, &moment)
        case .asked(let tries):
            guard age >= limits.trees.tapAnswerPatience else { return }
            if tries < limits.trees.tapTries {
                contact(host.endpoint, end, &moment)
            } else if host.isRoot {
                // A root of 2011 holds every tap and says nothing.
                trees[end]?.isServed(by: host.endpoint, level: host.level, isAssumed: true, now: moment.now)
            } else {
                leave(host.endpoint, end, &moment)
            }
        case .serving: watch(host, of: end, &moment)
        case .refused: return
        }
    }

    /// A parent that says nothing is asked, and given up when it does not answer. One that has a better use for our
    /// place is told how many others we have.
    private mutating func watch(_ host: Parents.Host, of end: NodeID, _ moment: inout Moment) {
        guard let slot = lines.provenSlot(of: host.endpoint) else {
            return trees[end]?.lose(host.endpoint, now: moment.now) ?? ()
        }
        let silence = lines[slot].silence(now: moment.now)
        if silence >= limits.trees.parentSilence {
            moment.count(.parentsSilent)
            return leave(host.endpoint, end, &moment)
        }
        if silence < limits.trees.parentPing {
            if host.isPinged { trees[end]?.setPinged(host.endpoint, false) }
        } else if !host.isPinged {
            trees[end]?.setPinged(host.endpoint, true)
            return sendKeepalive(slot, &moment)
        }
        guard host.level == 0, let told = host.markTold, let toldAt = host.markToldAt,
            toldAt.duration(to: moment.now) >= limits.trees.markInterval,
            let mark = trees[end]?.mark(for: host.endpoint, children: trees.hosted.count(end))
        else { return }
        let hadRoom = told.children < limits.trees.tapsPerEnd
        guard told.parents != mark.parents || hadRoom != (mark.children < limits.trees.tapsPerEnd) else { return }
        sendTap(selection(for: slot), to: slot, &moment)
    }

    /// Takes our tap for an end back from a host.
    private mutating func leave(_ endpoint: Endpoint, _ end: NodeID, _ moment: inout Moment) {
        trees[end]?.lose(endpoint, now: moment.now)
        guard let slot = lines.slot(of: endpoint), lines[slot].tapHeld.ends.contains(end) else { return }
        sendTap(selection(for: slot), to: slot, &moment)
    }

    /// Asks roots again: they may have found room or know others.
    private mutating func retryRoots(of end: NodeID, _ moment: inout Moment) {
        guard let count = trees[end]?.rootsToAsk(now: moment.now), count > 0 else { return }
        trees[end]?.rootsAskedAt = moment.now
        trees[end]?.rootsJitter = .random(in: 0.5...1.5, using: &moment.random)
        let refused = trees[end]?.hosts.filter { $0.isRoot && $0.state == .refused } ?? []
        let shuffled = refused.shuffled(using: &moment.random)
        for root in (shuffled.filter { !$0.isReserve } + shuffled.filter(\.isReserve)).prefix(count) {
            trees[end]?.retry(root.endpoint, now: moment.now)
            contact(root.endpoint, end, &moment)
        }
    }

    /// Taps a switch, or dials it first: within the budget of all dials, and one of its own, because the address may
    /// be a liar's choice.
    private mutating func contact(
        _ endpoint: Endpoint, _ end: NodeID, toldBy teller: LineTable.Handle? = nil, _ moment: inout Moment
    ) {
        if let slot = lines.provenSlot(of: endpoint) { return sendTap(selection(for: slot), to: slot, &moment) }
        if let slot = lines.slot(of: endpoint), lines[slot].unansweredDials > 0 { return }
        guard trees.dials.take(now: moment.now) else { return moment.count(.treeDialRate) }
        if routing.dial(endpoint, for: end, toldBy: teller, &moment) == .never {
            trees[end]?.lose(endpoint, now: moment.now)
        }
    }

    /// `nil` where the switch neither listens to the end nor serves anybody.
    func standing(of end: NodeID) -> TreeStanding? {
        let children = taps.count(of: end)
        guard ownTaps.ends.contains(end) || children > 0 else { return nil }
        let level = isRoot(of: end) ? 0 : trees[end]?.level ?? 1
        guard let tree = trees[end] else {
            let tapped = routing.closestSlots(to: end, besides: silentHosts.hosts(of: end))
                .count { lines[$0].tapHeld.ends.contains(end) }
            return TreeStanding(level: level, parents: tapped, children: children)
        }
        return TreeStanding(level: level, parents: tree.parents.count, children: children)
    }

    private func isRoot(of end: NodeID) -> Bool {
        routing.address.id.flatMap { trees[end]?.isAmongRoots($0) } ?? routing.isAmongClosest(to: end)
    }

    /// Relays between the closest switches and us. Somebody who taps us takes us for one of the closest, unless we
    /// know better. Remembered for a moment: finding the closest of thousands takes time.
    mutating func level(of end: NodeID, _ now: Instant) -> Int {
        if let known = trees.hosted[end].level, known.at.duration(to: now) < limits.trees.levelMemory {
            return known.value
        }
        let level = isRoot(of: end) ? 0 : trees[end]?.level ?? (ownTaps.ends.contains(end) ? 1 : 0)
        if trees.hosted.count(end) > 0 { trees.hosted[end].level = (level, now) }
        return level
    }
}
