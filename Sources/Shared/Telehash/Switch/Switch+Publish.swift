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
        var targets = publicationSlots(for: end)
        // Until the end is looked up the closest that we know of a large mesh may be far from it.
        if buckets.count > 4 * limits.k, !ownTaps.ends.contains(end) || parents[end] != nil,
            !lookups.isFresh(end, within: limits.lookupInterval, now: event.now)
        {
            targets = Array(targets.prefix(limits.earlyCopies))
        }
        for slot in matches where !targets.contains(slot) { targets.append(slot) }
        lookUp(end, unlessWithin: limits.lookupInterval, now: event.now)
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
        review(handle, changed: true, &event)
    }

    /// Where signals with an end go: to the closest switches, those included that we pass over as tappers because they
    /// bring us nothing (T27). They may bring it to others, and somebody else may pass over the other half of the closest:
    /// both halves of a network that was cut in two do. Whoever publishes to all of them misses nobody.
    private mutating func publicationSlots(for end: NodeID) -> [Int] {
        let passedOver = silentHosts.hosts(of: end).compactMap { lines.slot(of: $0) }
        return rememberedClosestSlots(to: end)
            + passedOver.filter { lines.slots[$0].isProven && lines.slots[$0].isSwitch }
    }

    /// Whether there are seeds and none of them led anywhere yet.
    private var isBootstrapping: Bool { isAlone && !seeds.isEmpty }

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
        let isFollowed = lines.slots[slot].isSwitch && publication.copies.count < limits.followedSwitches
        let line = lines.handle(slot)
        if isFollowed {
            _ = publications.update(handle) { $0.copies.append(Publication.Copy(line: line, state: .queued)) }
        }
        let outcome = sendSignals(
            publication.signals, hop: publication.hop, on: slot, for: isFollowed ? handle : nil, &event)
        switch (outcome, isFollowed) {
        case (.sent(let size), true): didHandOver(handle, size: size, on: slot, &event)
        case (.dropped, true): markLost(handle, on: line, &event)
        case (.sent, false), (.queued, false): _ = publications.update(handle) { $0.unfollowed += 1 }
        case (.queued, true), (.dropped, false): break
        }
    }

    /// A switch became known: publications that are still open reach it if it is among the closest to their end.
    mutating func handOpenPublications(to slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        let line = lines.handle(slot)
        for handle in publications.open {
            guard let publication = publications[handle], publication.copy(on: line) == nil,
                publicationSlots(for: publication.end).contains(slot)
            else { continue }
            handOver(handle, to: slot, &event)
            review(handle, changed: true, &event)
        }
    }

    /// A lookup is over: publications that waited for it go to the closest that are known now, and may be finished.
    mutating func reviewPublications(for end: NodeID, _ event: inout Event<some RandomNumberGenerator>) {
        for handle in publications.open where publications[handle]?.end == end {
            for slot in publicationSlots(for: end) {
                guard publications[handle]?.copy(on: lines.handle(slot)) == nil else { continue }
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
