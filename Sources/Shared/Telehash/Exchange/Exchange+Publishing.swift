import TelehashWire

extension Exchange {
    mutating func publish(
        _ signals: Signals, end: NodeID, as id: PublicationID, from origin: SignalOrigin, _ moment: inout Moment
    ) {
        moment.count(.publications)
        // The echo of our own signals is no news: not for us, and not for our tappers, who get them now.
        let digest = signals.digest(key: digestKey)
        _ = delivered.insert(digest, now: moment.now)
        _ = relayed.insert(digest, now: moment.now)
        if isTree(end, moment.now) { _ = relayed.insert(Trees.hopMark(digest, 0), now: moment.now) }
        matches.removeAll(keepingCapacity: true)
        taps.match(Telex(signals: signals), into: &matches)
        spread(signals, end: end, hop: 1, from: origin, as: id, &moment)
    }

    /// Hands signals to the switches nearest to their end and to the tappers in `matches`, one copy to each, and looks
    /// for switches that are nearer still.
    mutating func spread(
        _ signals: Signals, end: NodeID, hop: Int, from origin: SignalOrigin, as id: PublicationID?,
        looksUp: Bool = true, _ moment: inout Moment
    ) {
        var targets = hostSlots(of: end)
        let absent = trees.certainRoots(of: end).filter { lines.provenSlot(of: $0) == nil }
        if let tree = trees[end], tree.furthestRoot != nil {
            targets = rootsFirst(targets, of: tree)
        } else if looksUp, routing.buckets.count > 4 * limits.routing.k, !ownTaps.ends.contains(end),
            !routing.lookups.isFresh(end, within: limits.routing.lookupInterval, now: moment.now)
        {
            // Until the end is looked up the closest that we know of a large mesh may be far from it.
            targets = Array(targets.prefix(limits.exchange.earlyCopies))
        }
        targets = Array(
            targets.prefix(max(limits.routing.k, limits.exchange.copiesPerSignal - limits.routing.k - matches.count)))
        for slot in matches where !targets.contains(slot) { targets.append(slot) }
        if looksUp {
            routing.lookUp(end, unlessWithin: absent.isEmpty ? limits.routing.lookupInterval : .zero, &moment)
        } else {
            moment.count(.lookupQueueFull)
        }
        guard !targets.isEmpty || routing.lookups.isPending(end) || routing.isBootstrapping else {
            return tell(id, handed: 0, taken: 0, finished: true, &moment)
        }
        guard publications.count < limits.exchange.openPublications else {
            return spreadUnfollowed(signals, hop: hop, from: origin, to: targets, as: id, &moment)
        }
        let expiry = moment.now.advanced(by: limits.exchange.publicationLife)
        let handle = publications.insert(
            Publication(id: id, signals: signals, end: end, hop: hop, origin: origin, expiresAt: expiry))
        for slot in targets { handOver(handle, to: slot, &moment) }
        for root in absent { _ = routing.dial(root, for: end, toldBy: nil, &moment) }
        review(handle, changed: true, &moment)
    }

    /// Of the nearest that we have lines with, the roots of the end's tree; others only if there are few roots among them:
    /// they hand on what they get, which then arrives with a hop more, and may not reach the lowest. Those that were roots
    /// once are others, too, unless so many crowd around the end that the closest may be sybils.
    func rootsFirst(_ slots: [Int], of tree: Parents) -> [Int] {
        let isCrowded = slots.count > limits.routing.k
        let roots = slots.filter {
            isRoot($0, of: tree) && (isCrowded || tree.host(at: lines[$0].endpoint)?.isReserve != true)
        }
        let others = slots.filter { !roots.contains($0) }
        return roots + others.prefix(max(0, limits.exchange.earlyCopies - roots.count))
    }

    /// Whether a line leads to one of the closest switches of an end, and it did not tell us otherwise.
    private func isRoot(_ slot: Int, of tree: Parents) -> Bool {
        tree.host(at: lines[slot].endpoint)?.isCertainRoot ?? (tree.isAmongRoots(lines[slot].id) == true)
    }

    /// Too many publications are open: sends this one without looking after it.
    private mutating func spreadUnfollowed(
        _ signals: Signals, hop: Int, from origin: SignalOrigin, to targets: [Int], as id: PublicationID?,
        _ moment: inout Moment
    ) {
        moment.count(.publicationsOverflow)
        var handed = 0
        for slot in targets {
            if case .dropped = lines.sendSignals(signals, hop: hop, on: slot, from: origin, &moment) { continue }
            handed += 1
        }
        tell(id, handed: handed, taken: 0, finished: true, &moment)
    }

    /// Sends one copy. Copies to switches are followed; a mere tapper never says what it got.
    private mutating func handOver(_ handle: PublicationHandle, to slot: Int, _ moment: inout Moment) {
        guard let publication = publications[handle] else { return }
        let isSwitch = lines.isSwitch(slot)
        let isFollowed = isSwitch && publication.copies.count < limits.exchange.followedSwitches
        let line = lines.handle(slot)
        if isSwitch {
            let copy = Publication.Copy(line: line, state: isFollowed ? .queued : .unfollowed)
            publications[handle]?.copies.append(copy)
        }
        let outcome = send(publication, on: slot, following: isFollowed ? handle : nil, &moment)
        switch (outcome, isFollowed) {
        case (_, true): didSend(outcome, of: handle, on: slot, &moment)
        case (.sent, false), (.queued, false): publications[handle]?.didHandUnfollowed(to: isSwitch ? line : nil)
        case (.dropped, false): break
        }
    }

    private mutating func send(
        _ publication: Publication, on slot: Int, following handle: PublicationHandle?, _ moment: inout Moment
    ) -> Lines.SignalOutcome {
        lines.sendSignals(
            publication.signals, hop: publication.hop, on: slot, for: handle, from: publication.origin, &moment)
    }

    /// A copy whose delivery is followed went out, waits, or can't go out.
    private mutating func didSend(
        _ outcome: Lines.SignalOutcome, of handle: PublicationHandle, on slot: Int, _ moment: inout Moment
    ) {
        switch outcome {
        case .sent(let size):
            moment.count(.handOvers)
            let line = lines.handle(slot)
            guard publications[handle]?.didHandOver(on: line) == true else { return }
            if !lines.follow(handle, size: size, on: slot, &moment) { markLost(handle, on: slot, &moment) }
        case .queued: break
        case .dropped: markLost(handle, on: slot, &moment)
        }
    }

    /// Sends what waited on a line, as far as the window is open, and then what had found no room there.
    mutating func flushQueue(_ slot: Int, _ moment: inout Moment) {
        while let (publication, outcome) = lines.sendWaiting(on: slot, &moment) {
            if let publication {
                didSend(outcome, of: publication, on: slot, &moment)
            } else if outcome.wasSent {
                moment.count(.signalsRelayed)
            }
        }
        while let handle = lines.nextPutOff(on: slot) {
            guard let publication = publications[handle] else {
                moment.count(.handOversLost)
                continue
            }
            let outcome = send(publication, on: slot, following: handle, &moment)
            didSend(outcome, of: handle, on: slot, &moment)
        }
    }

    // MARK: What became of copies

    /// An answer says, or its absence, what became of the copies on a line.
    mutating func heed(_ verdict: DeliveryLog.Verdict, on slot: Int, _ moment: inout Moment) {
        let line = lines.handle(slot)
        for handOver in verdict.arrived where publications[handOver.publication] != nil {
            publications[handOver.publication]?.note(.taken, on: line)
            moment.count(.handOversTaken)
            review(handOver.publication, changed: true, &moment)
        }
        if !verdict.doubtful.isEmpty { passOverIfSilent(slot, &moment) }
        for handOver in verdict.doubtful { sendAgain(handOver.publication, on: slot, &moment) }
        lines.probe(slot, &moment)
    }

    /// A switch said nothing while it was asked about copies: those that come after it get them, too.
    private mutating func passOverIfSilent(_ slot: Int, _ moment: inout Moment) {
        guard lines.isSwitch(slot), !lines[passedOver: slot],
            lines[slot].silence(now: moment.now) >= limits.lines.repeatAfter
        else { return }
        moment.count(.switchesPassedOver)
        routing.passOver(slot)
        for handle in publications.open { handOverToWanting(handle, &moment) }
    }

    /// Nothing more is tried for one copy.
    private mutating func markLost(_ handle: PublicationHandle, on slot: Int, _ moment: inout Moment) {
        guard publications[handle] != nil else { return }
        let line = lines.handle(slot)
        publications[handle]?.note(.lost, on: line)
        moment.count(.handOversLost)
        review(handle, changed: false, &moment)
    }

    /// Repeats a copy that may not have arrived, once.
    private mutating func sendAgain(_ handle: PublicationHandle, on slot: Int, _ moment: inout Moment) {
        let line = lines.handle(slot)
        guard let publication = publications[handle], let copy = publication.copy(on: line) else { return }
        guard case .sent(repeated: false) = copy.state else {
            return markLost(handle, on: slot, &moment)
        }
        publications[handle]?.note(.sent(repeated: true), on: line)
        moment.count(.handOversRepeated)
        let outcome = send(publication, on: slot, following: handle, &moment)
        didSend(outcome, of: handle, on: slot, &moment)
    }

    /// The line is gone or began anew: whatever was on its way there is lost.
    mutating func giveUpCopies(on slot: Int, _ moment: inout Moment) {
        for publication in lines.giveUpCopies(on: slot) { markLost(publication, on: slot, &moment) }
    }

    mutating func expireQuestions(_ moment: inout Moment) {
        while let (slot, verdict) = lines.nextUnanswered(now: moment.now) { heed(verdict, on: slot, &moment) }
    }

    // MARK: Progress

    /// Whether a publication still goes to a switch that was found to be among the closest: to the `k` nearest always, to
    /// others in their region while it makes no more copies than one switch shall.
    private mutating func isWanting(_ publication: Publication, at slot: Int) -> Bool {
        guard publication.copy(on: lines.handle(slot)) == nil,
            let rank = hostSlots(of: publication.end).firstIndex(of: slot)
        else { return false }
        // Others near a root would only hand it on to the root, a hop too late.
        if let tree = trees[publication.end], tree.furthestRoot != nil, !isRoot(slot, of: tree) { return false }
        return rank < limits.routing.k
            || publication.copies.count + publication.unfollowed < limits.exchange.copiesPerSignal - limits.routing.k
    }

    /// A switch became known: publications that are still open reach it if it is among the closest to their end.
    mutating func handOpenPublications(to slot: Int, _ moment: inout Moment) {
        for handle in publications.open {
            guard let publication = publications[handle], isWanting(publication, at: slot) else { continue }
            handOver(handle, to: slot, &moment)
            review(handle, changed: true, &moment)
        }
    }

    /// A lookup is over: publications that waited for it go to the closest that are known now, and may be finished.
    mutating func reviewPublications(for end: NodeID, _ moment: inout Moment) {
        for handle in publications.open where publications[handle]?.end == end {
            handOverToWanting(handle, &moment)
            review(handle, changed: false, &moment)
        }
    }

    private mutating func handOverToWanting(_ handle: PublicationHandle, _ moment: inout Moment) {
        guard let end = publications[handle]?.end else { return }
        for slot in hostSlots(of: end) {
            guard let publication = publications[handle], isWanting(publication, at: slot) else { continue }
            handOver(handle, to: slot, &moment)
        }
    }

    /// Tells how far a publication got, and ends it when nothing more can change.
    private mutating func review(_ handle: PublicationHandle, changed: Bool, _ moment: inout Moment) {
        guard let publication = publications[handle] else { return }
        let isDone =
            publication.isSettled && !routing.lookups.isPending(publication.end)
            && (!publication.copies.isEmpty || !routing.isBootstrapping)
        if isDone { return finish(handle, &moment) }
        guard changed else { return }
        tell(publication.id, handed: publication.handed, taken: publication.taken, finished: false, &moment)
    }

    private mutating func finish(_ handle: PublicationHandle, _ moment: inout Moment) {
        guard let publication = publications[handle] else { return }
        publications[handle] = nil
        tell(publication.id, handed: publication.handed, taken: publication.taken, finished: true, &moment)
    }

    mutating func expirePublications(_ moment: inout Moment) {
        while let handle = publications.nextExpired(now: moment.now) { finish(handle, &moment) }
    }

    private func tell(_ id: PublicationID?, handed: Int, taken: Int, finished: Bool, _ moment: inout Moment) {
        guard let id else { return }
        moment.effects.append(
            .progress(PublicationProgress(id: id, handed: handed, taken: taken, finished: finished)))
    }
}
