import TelehashWire

extension Switch {
    /// Passes signals on to whom they concern: us, the peers that tap them, and the switches near their end.
    mutating func receiveSignals(
        of telex: Telex, from sender: Endpoint, _ verdict: LineProof.Verdict, slot: Int?,
        _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard !telex.signals.isEmpty else { return }
        // A plain question was paid for as a question.
        let isPlainQuestion = telex.signals.count == 1 && isQuestion(telex)
        if !verdict.isAuthentic, !isPlainQuestion, !strangerSignals.take(now: event.now) {
            return counters.add(.strangerSignalRate)
        }
        counters.add(.signalsReceived)
        if verdict.isAuthentic { greetIfAsked(telex.signals, &event) }
        let digest = telex.signals.digest(key: digestKey)
        if ownTaps.wants(telex.signals) {
            let isNews = deliver(telex, digest, from: sender, &event)
            if let slot, verdict.isAuthentic {
                compareHosts(telex, digest, from: slot, isNews: isNews, now: event.now)
            }
        }

        guard telex.hop < WireLimits.largestHop else { return counters.add(.hopsUsedUp) }
        matches.removeAll(keepingCapacity: true)
        taps.match(telex, into: &matches)
        let end = adoptiveEnd(of: telex, slot: slot)
        guard !matches.isEmpty || end != nil else { return }
        let relay = isToBeRelayed(telex, digest, &event)
        guard relay.now else { return counters.add(.signalsRepeated) }
        if let end, relay.isFirst, adoptions.take(now: event.now) {
            counters.add(.signalsAdopted)
            // With the copies to the closest that is as much as one switch sends.
            if let channel = telex.signals["+end"], isTree(channel, event.now) { forgoSecondRelay(digest, event.now) }
            spread(telex.signals, end: end, hop: telex.hop + 1, as: nil, &event)
        } else {
            if end != nil, relay.isFirst { counters.add(.adoptionRate) }
            relayToMatches(telex.signals, hop: telex.hop + 1, from: verdict.isAuthentic ? .peer : .stranger, &event)
        }
    }

    /// Returns whether the signals are new here.
    private mutating func deliver(
        _ telex: Telex, _ digest: UInt64, from sender: Endpoint, _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        guard delivered.insert(digest, now: event.now) else {
            counters.add(.signalsRepeated)
            return false
        }
        counters.add(.signalsDelivered)
        let token = DeliveryToken(digest: digest)
        event.effects.append(.deliver(Delivery(signals: telex.signals, from: sender, hop: telex.hop, token: token)))
        return true
    }

    /// One copy to each peer whose tap matched, the sender's included: its page shows what comes back.
    private mutating func relayToMatches(
        _ signals: Signals, hop: Int, from origin: SignalOrigin, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let found = matches
        for (copies, slot) in found.enumerated() {
            // Only those who can't be sent on make more than that.
            if copies >= limits.copiesPerSignal, !copiesOf2011.take(now: event.now) {
                counters.add(.copyOf2011Rate, found.count - copies)
                return
            }
            let outcome = sendSignals(signals, hop: hop, on: slot, for: nil, from: origin, &event)
            if outcome.wasSent { counters.add(.signalsRelayed) }
        }
    }

    /// The end at which a fire-and-forget client wanted its signals published, if that is ours to do (part A, rule 9).
    /// A receiver of 2011 has a line, but it can't look up an end either.
    private func adoptiveEnd(of telex: Telex, slot: Int?) -> NodeID? {
        guard telex.hop <= 1, telex.signals.count > 1, telex.signals["+pop"] == nil,
            slot.map({ !lines.slots[$0].isSwitch }) ?? true,
            let text = telex.signals["+end"], let end = NodeID(hex: text)
        else { return nil }
        return isAmongClosest(to: end) ? nil : end
    }

    /// Whether we are one of the switches at which others look for the end.
    func isAmongClosest(to end: NodeID) -> Bool {
        guard let own = address.id else { return false }
        let closest = buckets.closest(to: end, count: limits.k)
        guard closest.count >= limits.k, let furthest = closest.last else { return true }
        return end.isCloser(own, than: furthest.id)
    }

    enum SignalOutcome {
        /// With so many bytes.
        case sent(Int)
        case queued
        case dropped

        var wasSent: Bool { if case .sent = self { true } else { false } }
    }

    /// Sends one copy on a proven line, or puts it in the line's queue while the window is closed.
    mutating func sendSignals(
        _ signals: Signals, hop: Int, on slot: Int, for publication: PublicationHandle?,
        from origin: SignalOrigin = .ourselves, _ event: inout Event<some RandomNumberGenerator>
    ) -> SignalOutcome {
        let size = signals.encodedByteCount + TelexWriter.headerCapacity
        guard lines.slots[slot].queue.isEmpty,
            lines.slots[slot].window.admits(size, now: event.now, limits: limits)
        else {
            let item = SignalQueue.Item(signals: signals, hop: hop, publication: publication)
            guard lines.slots[slot].queue.append(item, from: origin, limits: limits) else {
                counters.add(.queueFull)
                return .dropped
            }
            counters.add(.signalsQueued)
            look(at: slot, by: event.now.advanced(by: limits.stalledWindow))
            probeStalled(slot, &event)
            return .queued
        }
        return sendNow(signals, hop: hop, on: slot, &event).map { .sent($0) } ?? .dropped
    }

    /// The bytes that were sent; `nil` when they are too many for one frame.
    private mutating func sendNow(
        _ signals: Signals, hop: Int, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) -> Int? {
        var writer = beginTelex(on: slot, capacity: signals.encodedByteCount + TelexWriter.headerCapacity)
        writer.hop(hop)
        writer.signals(signals)
        guard writer.byteCount <= WireLimits.relayedBytes else {
            counters.add(.relayTooLong)
            return nil
        }
        let datagram = writer.finish()
        send(datagram, on: slot, &event)
        if signals["+pop"] == nil { counters.add(.copiesSent) }
        return datagram.count
    }

    /// Sends what waited, as far as the window is open.
    mutating func flushQueue(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        while let item = lines.slots[slot].queue.first {
            let size = item.signals.encodedByteCount + TelexWriter.headerCapacity
            guard lines.slots[slot].window.admits(size, now: event.now, limits: limits) else { return }
            lines.slots[slot].queue.removeFirst()
            let sent = sendNow(item.signals, hop: item.hop, on: slot, &event)
            switch (sent, item.publication) {
            case (let size?, let publication?): didHandOver(publication, size: size, on: slot, &event)
            case (nil, let publication?): markLost(publication, on: lines.handle(slot), &event)
            case (_?, nil): counters.add(.signalsRelayed)
            case (nil, nil): break
            }
        }
    }
}
