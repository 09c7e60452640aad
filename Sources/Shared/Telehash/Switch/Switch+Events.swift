import TelehashWire

extension Switch {
    /// Begins: dials the seeds and the switches of an earlier life. Called once, before any other event.
    public mutating func start(
        now: Instant, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            node.ownLookupAt = event.now.advanced(by: node.limits.lookupInterval)
            node.dialSeeds(&event)
            node.dialRemembered(&event)
            node.meetKnown(now: event.now)
        }
    }

    /// A datagram arrived.
    public mutating func receive(
        _ datagram: [UInt8], from sender: Endpoint, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            node.receive(datagram, from: sender, &event)
        }
    }

    /// Does what is due. Calling it early is harmless; ``nextDeadline`` says when it must be called.
    public mutating func tick(
        now: Instant, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            node.doWhatIsDue(&event)
        }
    }

    /// Replaces the set of ends whose signals are delivered here: those with that `+end` and any `+key`.
    public mutating func tap(
        _ ends: Set<NodeID>, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            node.ownTaps.replace(with: ends, now: event.now)
            node.parents = node.parents.filter { ends.contains($0.key) }
            node.lookUpEnds(&event)
        }
    }

    /// Publishes signals to the switches nearest to their end, and to the peers that tap them here.
    ///
    /// They are not delivered back: the caller has them. Progress comes as effects under `id`, at once and until it
    /// says `finished`, which takes 5 s at the most. Publishing the same signals again sends them again.
    public mutating func publish(
        _ signals: Signals, end: NodeID, as id: PublicationID, now: Instant,
        using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            node.publish(signals, end: end, as: id, &event)
        }
    }

    /// Looks for the switches nearest to a place. The result comes as ``Effect/found(_:)`` under `id`; at once and empty
    /// when there is nobody to ask or too many lookups wait.
    public mutating func lookUp(
        _ target: NodeID, as id: LookupID, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            node.lookUp(target, unlessWithin: .zero, now: event.now)
            guard node.lookups.isPending(target) else {
                let nobody = LookupReport(id: id, target: target, closest: [], queries: 0, hops: 0, took: .zero)
                event.effects.append(.found(nobody))
                return
            }
            node.lookups.name(target, id)
        }
    }

    /// The socket could not reach an address. A dial to it is over; a proven line stays, because anybody can forge
    /// such a message.
    public mutating func sendFailed(
        to endpoint: Endpoint, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, _ in
            if let slot = node.lines.slot(of: endpoint), node.lines.slots[slot].isProven { return }
            for index in node.lookups.running.indices where node.lookups.running[index].awaits(endpoint) != nil {
                node.lookups.running[index].didFail(endpoint)
                node.lookups.isMoving = true
            }
        }
    }

    /// Runs one event: moves the caller's effects in and out, so that they are never copied, and then lets every part
    /// act on what changed.
    mutating func handle<Random: RandomNumberGenerator>(
        now: Instant, using random: inout Random, into effects: inout [Effect],
        _ body: (inout Switch, inout Event<Random>) -> Void
    ) {
        var event = Event(now: now, random: random)
        swap(&event.effects, &effects)
        body(&self, &event)
        settle(&event)
        swap(&event.effects, &effects)
        random = event.random
    }

    /// What may follow from any event: new tap hosts, room for lookups and dials, and the next deadline.
    private mutating func settle(_ event: inout Event<some RandomNumberGenerator>) {
        if wantsJoinLookup { lookUpAfterJoin(&event) }
        if lookups.isMoving { advanceLookups(&event) }
        if dialler.next != nil { dialWaiting(&event) }
        if !parents.isEmpty { tendTrees(&event) }
        if tapsPlacedFor != (closest.version, ownTaps.version) { placeTaps(&event) }
        planNext(&event)
    }
}
