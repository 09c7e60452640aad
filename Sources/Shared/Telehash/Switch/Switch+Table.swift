import TelehashWire

// The table is kept true by asking its entries, the one that was silent for longest first.
extension Switch {
    /// A switch spoke to us: what we know of it is fresh.
    mutating func noteHeard(_ slot: Int, _ evidence: Buckets.Evidence, now: Instant) {
        let endpoint = lines.slots[slot].endpoint
        let isReached = evidence == .answeredUs && lines.slots[slot].wasReached
        _ = buckets.note(endpoint, id: lines.slots[slot].id, evidence: isReached ? .reached : evidence, now: now)
        checks.didAnswer(endpoint)
        if lines.slots[slot].isSeed { seeds.didHear(endpoint) }
        if checks.nextAt == .distantFuture, buckets.count > 0 {
            checks.nextAt = now.advanced(by: limits.checkPause)
        }
    }

    /// A switch did not answer, though it was asked more than once: somebody else takes its place.
    mutating func giveUp(_ endpoint: Endpoint, id: NodeID, now: Instant) {
        _ = silent.insert(endpoint.fingerprint, now: now)
        checks.didAnswer(endpoint)
        guard buckets.contains(endpoint, id: id) else { return buckets.forget(endpoint, id: id) }
        counters.add(.entriesLost)
        let replacements = buckets.remove(endpoint, id: id, now: now)
        for replacement in replacements.prefix(Switch.replacementsTried) {
            meet(replacement.endpoint, id: replacement.id, teller: nil, now: now)
        }
        checks.didFindDead(now: now, limits: limits)
        beginAgainIfAlone(now: now)
    }

    /// Replacements that are dialled for one lost entry: the best may be dead too.
    private static let replacementsTried = 2

    /// Checks the entry that was silent for longest, when it was so for too long.
    mutating func checkEntries(_ event: inout Event<some RandomNumberGenerator>) {
        guard checks.deadline(limits: limits) <= event.now else { return }
        let (again, failed) = checks.expire(now: event.now, limits: limits)
        for check in failed {
            if let slot = lines.slot(of: check.endpoint), lines.slots[slot].isProven {
                purge(slot, &event)
            }
            giveUp(check.endpoint, id: check.id, now: event.now)
        }
        for check in again { ask(check, &event) }
        guard checks.nextAt <= event.now else { return }
        checkStalest(&event)
    }

    private mutating func checkStalest(_ event: inout Event<some RandomNumberGenerator>) {
        guard let entry = buckets.stalest(besides: { checks.isOpen($0) }) else {
            checks.nextAt = buckets.count > 0 ? event.now.advanced(by: limits.checkPause) : .distantFuture
            return
        }
        let isUrgent = checks.urgent > 0
        let due = entry.at.advanced(by: isUrgent ? limits.urgentFreshness : limits.entryFreshness)
        guard due <= event.now else {
            let pause = limits.checkPause * (1 + Double.random(in: 0...0.25, using: &event.random))
            checks.nextAt = max(due, event.now.advanced(by: pause))
            return
        }
        counters.add(.entriesChecked)
        let target = NodeID.random(inBucket: place.bucket(to: entry.id), of: place, using: &event.random)
        let check = EntryChecks.Check(endpoint: entry.endpoint, id: entry.id, target: target, askedAt: event.now)
        checks.didBegin()
        ask(check, &event)
        checks.nextAt = event.now.advanced(by: isUrgent ? limits.urgentCheckPause : limits.checkPause)
    }

    private mutating func ask(_ check: EntryChecks.Check, _ event: inout Event<some RandomNumberGenerator>) {
        if let slot = lines.slot(of: check.endpoint), lines.slots[slot].isProven {
            _ = ask(slot, for: check.target, &event)
        } else if case .later = dial(check.endpoint, for: check.target, toldBy: nil, &event) {
            // Others need the dials more; the entry stays the stalest and will have its turn.
            return
        }
        checks.didAsk(check, now: event.now)
    }
}

extension Endpoint {
    /// A number for a set of addresses in which a mistake costs nothing but a dial that is made later.
    var fingerprint: UInt64 {
        switch address {
        case .v4(let bits): (UInt64(bits) << 16 | UInt64(port)) &* 0x9e37_79b9_7f4a_7c15
        case .v6(let high, let low): (high ^ low &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(port)) &* 0x94d0_49bb_1331_11eb
        }
    }
}
