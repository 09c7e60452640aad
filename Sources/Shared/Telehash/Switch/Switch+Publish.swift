import TelehashWire

extension Switch {
    mutating func publish(
        _ signals: Signals, end: NodeID, as id: PublicationID, _ event: inout Event<some RandomNumberGenerator>
    ) {
        counters.add(.publications)
        // The echo of our own signals is no news: not for us, and not for our tappers, who get them now.
        let digest = signals.digest(key: digestKey)
        _ = delivered.insert(digest, now: event.now)
        _ = relayed.insert(digest, now: event.now)
        if isTree(end.hex, event.now) { _ = relayed.insert(digest ^ Switch.hopMark(0), now: event.now) }
        matches.removeAll(keepingCapacity: true)
        taps.match(Telex(signals: signals), into: &matches)
        spread(signals, end: end, hop: 1, as: id, &event)
    }

    /// Hands signals to the switches nearest to their end and to the tappers in `matches`, one copy to each, and looks
    /// for switches that are nearer still.
    mutating func spread(
        _ signals: Signals, end: NodeID, hop: Int, as id: PublicationID?,
        _ event: inout Event<some RandomNumberGenerator>
    ) {
        var targets = hostSlots(of: end)
        let absent = absentRoots(of: end)
        if let tree = parents[end], tree.furthestRoot != nil {
            targets = rootsFirst(targets, of: tree)
        } else if buckets.count > 4 * limits.k, !ownTaps.ends.contains(end),
            !lookups.isFresh(end, within: limits.lookupInterval, now: event.now)
        {
            // Until the end is looked up the closest that we know of a large mesh may be far from it.
            targets = Array(targets.prefix(limits.earlyCopies))
        }
        targets = Array(targets.prefix(max(limits.k, limits.copiesPerSignal - limits.k - matches.count)))
        for slot in matches where !targets.contains(slot) { targets.append(slot) }
        lookUp(end, unlessWithin: absent.isEmpty ? limits.lookupInterval : .zero, now: event.now)
        let mayFindOthers = lookups.isPending(end) || isBootstrapping
        guard !targets.isEmpty || mayFindOthers else {
            if let id {
                event.effects.append(.progress(PublicationProgress(id: id, handed: 0, taken: 0, finished: true)))
            }
            return
        }
        guard publications.count < limits.openPublications else {
            return spreadUnfollowed(signals, hop: hop, to: targets, as: id, &event)
        }
        let handle = publications.insert(
            Publication(
                id: id, signals: signals, end: end, hop: hop, expiresAt: event.now.advanced(by: limits.publicationLife))
        )
        for slot in targets { handOver(handle, to: slot, &event) }
        for root in absent { _ = dial(root, for: end, toldBy: nil, &event) }
        review(handle, changed: true, &event)
    }

    /// Whether there are seeds, or will be, and none of them led anywhere yet.
    private var isBootstrapping: Bool { isAlone && (!seeds.isEmpty || seeds.awaitsMore) }

    /// Too many publications are open: send this one without looking after it.
    private mutating func spreadUnfollowed(
        _ signals: Signals, hop: Int, to targets: [Int], as id: PublicationID?,
        _ event: inout Event<some RandomNumberGenerator>
    ) {
        counters.add(.publicationsOverflow)
        var handed = 0
        for slot in targets {
            if case .dropped = sendSignals(signals, hop: hop, on: slot, for: nil, &event) { continue }
            handed += 1
        }
        guard let id else { return }
        let progress = PublicationProgress(id: id, handed: handed, taken: 0, finished: true)
        event.effects.append(.progress(progress))
    }

    /// Sends one copy. Copies to switches are followed; a mere tapper never says what it got.
    private mutating func handOver(
        _ handle: PublicationHandle, to slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard let publication = publications[handle] else { return }
        let isSwitch = lines.slots[slot].isSwitch
        let isFollowed = isSwitch && publication.copies.count < limits.followedSwitches
        let line = lines.handle(slot)
        if isSwitch {
            let state = isFollowed ? Publication.CopyState.queued : .unfollowed
            _ = publications.update(handle) { $0.copies.append(Publication.Copy(line: line, state: state)) }
        }
        let outcome = sendSignals(
            publication.signals, hop: publication.hop, on: slot, for: isFollowed ? handle : nil, &event)
        switch (outcome, isFollowed) {
        case (.sent(let size), true): didHandOver(handle, size: size, on: slot, &event)
        case (.dropped, true): markLost(handle, on: line, &event)
        case (.sent, false), (.queued, false): countUnfollowed(handle, line, isSwitch: isSwitch)
        case (.queued, true), (.dropped, false): break
        }
    }

    private mutating func countUnfollowed(_ handle: PublicationHandle, _ line: LineTable.Handle, isSwitch: Bool) {
        _ = publications.update(handle) { publication in
            guard isSwitch, let copy = publication.copy(on: line) else { return publication.unfollowed += 1 }
            publication.copies[copy].isHanded = true
        }
    }

    /// Whether a publication still goes to a switch that was found to be among the closest: to the `k` nearest always, to
    /// others in their region while it makes no more copies than one switch shall.
    private mutating func isWanting(_ publication: Publication, at slot: Int) -> Bool {
        guard publication.copy(on: lines.handle(slot)) == nil,
            let rank = hostSlots(of: publication.end).firstIndex(of: slot)
        else { return false }
        // Others near a root would only hand it on to the root, a hop too late.
        if let tree = parents[publication.end], tree.furthestRoot != nil, !isRoot(slot, of: tree) { return false }
        return rank < limits.k
            || publication.copies.count + publication.unfollowed < limits.copiesPerSignal - limits.k
    }

    /// A switch became known: publications that are still open reach it if it is among the closest to their end.
    mutating func handOpenPublications(to slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        for handle in publications.open {
            guard let publication = publications[handle], isWanting(publication, at: slot) else { continue }
            handOver(handle, to: slot, &event)
            review(handle, changed: true, &event)
        }
    }

    /// A lookup is over: publications that waited for it go to the closest that are known now, and may be finished.
    mutating func reviewPublications(for end: NodeID, _ event: inout Event<some RandomNumberGenerator>) {
        for handle in publications.open where publications[handle]?.end == end {
            for slot in hostSlots(of: end) {
                guard let publication = publications[handle], isWanting(publication, at: slot) else { continue }
                handOver(handle, to: slot, &event)
            }
            review(handle, changed: false, &event)
        }
    }

    /// Tells how far a publication got, and ends it when nothing more can change.
    mutating func review(
        _ handle: PublicationHandle, changed: Bool, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard let publication = publications[handle] else { return }
        let isDone =
            publication.isSettled && !lookups.isPending(publication.end)
            && (!publication.copies.isEmpty || !isBootstrapping)
        if isDone { return finish(handle, &event) }
        guard changed, let id = publication.id else { return }
        event.effects.append(
            .progress(
                PublicationProgress(id: id, handed: publication.handed, taken: publication.taken, finished: false)))
    }

    private mutating func finish(_ handle: PublicationHandle, _ event: inout Event<some RandomNumberGenerator>) {
        guard let publication = publications[handle] else { return }
        publications.remove(handle)
        guard let id = publication.id else { return }
        event.effects.append(
            .progress(PublicationProgress(id: id, handed: publication.handed, taken: publication.taken, finished: true))
        )
    }

    /// Ends the publications whose time is over.
    mutating func expirePublications(_ event: inout Event<some RandomNumberGenerator>) {
        while let handle = publications.nextExpired(now: event.now) { finish(handle, &event) }
    }
}
