import TelehashWire

extension Exchange {
    /// Passes signals on to whom they concern: us, the peers that tap them, and the switches near their end.
    mutating func receiveSignals(
        of telex: Telex, from sender: Endpoint, _ verdict: LineProof.Verdict, slot: Int?, _ moment: inout Moment
    ) {
        guard !telex.signals.isEmpty else { return }
        // A plain question was paid for as a question.
        let isPlainQuestion = telex.signals.count == 1 && telex.isQuestion
        if !verdict.isAuthentic, !isPlainQuestion, !lines.takeSignals(of: sender, &moment) { return }
        moment.count(.signalsReceived)
        if verdict.isAuthentic { routing.greetIfAsked(telex.signals, &moment) }
        let digest = telex.signals.digest(key: digestKey)
        if telex.signals["+key"] != nil {
            let bringer = Bringer(sender, isProven: verdict.isAuthentic)
            if ownTaps.wants(telex.signals) {
                guard !forgeries.knows(digest, by: bringer, &moment) else { return moment.count(.forgedAgain) }
                let evidence = verdict.isAuthentic ? slot : nil
                guard deliver(telex, digest, from: sender, bringer, evidenceOf: evidence, &moment) else { return }
            }
        }
        passOn(telex, digest, from: sender, slot: slot, isProven: verdict.isAuthentic, &moment)
    }

    /// The fingerprint of the author that signals name.
    private static func author(of signals: Signals, key: DigestKey) -> UInt64 {
        Signals(["+key": signals["+key"] ?? ""]).digest(key: key)
    }

    /// To the tappers, and to the switches near their end.
    private mutating func passOn(
        _ telex: Telex, _ digest: UInt64, from sender: Endpoint, slot: Int?, isProven: Bool, _ moment: inout Moment
    ) {
        guard telex.hop < WireLimits.largestHop else { return moment.count(.hopsUsedUp) }
        matches.removeAll(keepingCapacity: true)
        taps.match(telex, into: &matches)
        let end = adoptiveEnd(of: telex, slot: slot)
        guard !matches.isEmpty || end != nil else { return }
        let relay = isToBeRelayed(telex, digest, &moment)
        guard relay.now else { return moment.count(.signalsRepeated) }
        let origin: SignalOrigin = isProven ? .peer : .stranger
        if let end, relay.isFirst, adoptions.take(for: sender, now: moment.now) {
            moment.count(.signalsAdopted)
            // With the copies to the closest that is as much as one switch sends.
            if isTree(end, moment.now) {
                _ = relayed.insert(Trees.secondRelayMark(digest), now: moment.now)
            }
            let isKnown = routing.lookups.isFresh(end, within: limits.routing.lookupInterval, now: moment.now)
            let looksUp = isKnown || adoptedLookups.take(for: sender, now: moment.now)
            spread(telex.signals, end: end, hop: telex.hop + 1, from: origin, as: nil, looksUp: looksUp, &moment)
        } else {
            if end != nil, relay.isFirst { moment.count(.adoptionRate) }
            relayToMatches(telex.signals, hop: telex.hop + 1, from: origin, at: sender, &moment)
        }
    }

    /// Gives signals of an own end to the application, if they are new here. Returns whether they may be passed on now.
    ///
    /// - Parameter host: the proven line that they came over.
    private mutating func deliver(
        _ telex: Telex, _ digest: UInt64, from sender: Endpoint, _ bringer: Bringer, evidenceOf host: Int?,
        _ moment: inout Moment
    ) -> Bool {
        let isNews = !delivered.contains(digest, now: moment.now)
        let (signals, key) = (telex.signals, digestKey)
        let copy = Forgeries.Held(from: sender, isProven: bringer.isProven, hop: telex.hop)
        let reception = forgeries.receive(
            digest, copy, isNews: isNews, by: bringer, author: Self.author(of: signals, key: key), now: moment.now)
        if reception == .throttled {
            moment.count(.bringerThrottled)
            return false
        }
        let isHeld = reception == .held
        if isNews {
            _ = delivered.insert(digest, now: moment.now)
            undecided.begin(digest, signals, by: bringer, now: moment.now)
            moment.count(.signalsDelivered)
            if isHeld { moment.count(.signalsHeld) }
            moment.effects.append(.deliver(Delivery(signals, digest, copy, isHeld: isHeld)))
        } else {
            undecided.note(digest, copy, by: bringer, now: moment.now)
            moment.count(.signalsRepeated)
        }
        if let host { compareHosts(telex, digest, from: host, isNews: isNews, now: moment.now) }
        return !isHeld
    }

    /// Whether a copy of signals is to be relayed: the first, and in a tree perhaps a better one.
    private mutating func isToBeRelayed(
        _ telex: Telex, _ digest: UInt64, _ moment: inout Moment
    ) -> (now: Bool, isFirst: Bool) {
        let now = moment.now
        let isFirst = relayed.insert(digest, now: now)
        guard let end = telex.signals.end, isTree(end, now) else { return (isFirst, isFirst) }
        if !isFirst {
            guard !matches.isEmpty, matches.count * 2 <= limits.exchange.copiesPerSignal,
                telex.hop <= level(of: end, now) + 1,
                !(0...telex.hop).contains(where: { relayed.contains(Trees.hopMark(digest, $0), now: now) }),
                relayed.insert(Trees.secondRelayMark(digest), now: now)
            else { return (false, false) }
            moment.count(.relayedAgain)
        }
        _ = relayed.insert(Trees.hopMark(digest, telex.hop), now: now)
        return (true, isFirst)
    }

    /// One copy to each peer whose tap matched, the sender's included: its page shows what comes back.
    private mutating func relayToMatches(
        _ signals: Signals, hop: Int, from origin: SignalOrigin, at sender: Endpoint, _ moment: inout Moment
    ) {
        let found = matches
        for (copies, slot) in found.enumerated() {
            // Only those who can't be sent on make more than that.
            if copies >= limits.exchange.copiesPerSignal, !copiesOf2011.take(for: sender, now: moment.now) {
                return moment.count(.copyOf2011Rate, found.count - copies)
            }
            let outcome = lines.sendSignals(signals, hop: hop, on: slot, from: origin, &moment)
            if outcome.wasSent { moment.count(.signalsRelayed) }
        }
    }

    /// The end at which a fire-and-forget client wanted its signals published, if that is ours to do (part A, rule 9).
    /// A receiver of 2011 has a line, but it can't look up an end either.
    private func adoptiveEnd(of telex: Telex, slot: Int?) -> NodeID? {
        guard telex.hop <= 1, telex.signals.count > 1, telex.signals["+pop"] == nil,
            slot.map({ !lines.isSwitch($0) }) ?? true, let end = telex.signals.end
        else { return nil }
        return routing.isAmongClosest(to: end) ? nil : end
    }

    // MARK: Who brought what

    /// See ``Switch/didJudge(_:_:as:now:using:into:)``.
    mutating func didJudge(
        _ token: DeliveryToken, _ signals: Signals, as judgement: Judgement, _ moment: inout Moment
    ) {
        if judgement != .dropped, judgement != .overRate { undecided.end(token.digest, now: moment.now) }
        switch judgement {
        case .forged:
            forgeries.didFind(token, &moment)
            _ = forgeries.release(token.digest, now: moment.now)
        case .unchecked: forgeries.didNotCheck(token, &moment)
        case .dropped: deliverAgain(token, &moment)
        case .overRate:
            forgeries.didNotCheck(token, &moment)
            deliverAgain(token, &moment)
        case .genuine, .unknown:
            if judgement == .unknown, token.isHeld { forgeries.giveBackCredit(of: token.bringer, now: moment.now) }
            // A copy with other signals beside what counts may wait for the same judgement.
            let digests = Set([token.digest, signals.digest(key: digestKey)])
            let held = digests.compactMap { forgeries.release($0, now: moment.now) }
            guard let first = held.first else { return }
            let best = held.reduce(first, Forgeries.better)
            let telex = Telex(hop: best.hop, signals: signals)
            let slot = lines.slot(of: best.from)
            passOn(telex, token.digest, from: best.from, slot: slot, isProven: best.isProven, &moment)
        }
    }

    /// Signals were refused because of who brought them: the next bringer's copy is delivered. Where there is none yet, they
    /// count as not delivered.
    private mutating func deliverAgain(_ token: DeliveryToken, _ moment: inout Moment) {
        guard let (signals, copy) = undecided.next(token.digest, now: moment.now) else {
            return delivered.remove(token.digest)
        }
        moment.count(.signalsDelivered)
        moment.effects.append(.deliver(Delivery(signals, token.digest, copy, isHeld: token.isHeld)))
    }

    /// An own receiver verified signals and keeps them.
    mutating func didTake(_ token: DeliveryToken, _ signals: Signals, now: Instant) {
        undecided.end(token.digest, now: now)
        silentHosts.news.accept(token.digest)
        trees.accept(token.digest)
        forgeries.didTake(from: token.bringer, author: Self.author(of: signals, key: digestKey), now: now)
    }

    /// Notes which host brought signals of an own end. Where the end has a tree, its parents are compared.
    private mutating func compareHosts(
        _ telex: Telex, _ digest: UInt64, from slot: Int, isNews: Bool, now: Instant
    ) {
        guard let end = telex.signals.end else { return }
        let host = lines[slot].endpoint
        let hops = telex.hop - limits.exchange.evidenceHops
        guard let tree = trees[end] else {
            return silentHosts.news.note(digest, of: end, from: host, isWitness: hops <= 0, isNews: isNews, now: now)
        }
        guard let parent = tree.host(at: host), parent.isServing else { return }
        trees[end]?.news.note(
            digest, of: end, from: host, isWitness: hops <= parent.level, isNews: isNews, now: now)
    }

    /// Taps others beside hosts that don't bring what others do, and counts those again whose time is over.
    mutating func judgeHosts(_ moment: inout Moment) {
        // Those that say nothing at all are passed over already.
        let holders = lines.proven.filter { !$0.isPassedOver }.map { lines[$0.slot] }
            .filter { !$0.tapHeld.ends.isEmpty }
        let changed = silentHosts.judge(now: moment.now) { end in
            holders.filter { $0.tapHeld.ends.contains(end) }.map(\.endpoint)
        }
        guard changed else { return }
        moment.count(.hostsJudged)
        routing.closest.invalidate()
    }
}
