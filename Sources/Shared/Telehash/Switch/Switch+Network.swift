import TelehashWire

// What changes below a switch: the machine's interfaces, its sleep, the addresses behind the seeds' names.
extension Switch {
    /// The machine's interfaces have other addresses now, or were given or lost a link.
    public mutating func networkChanged(
        _ networks: OwnNetworks, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            node.networks = networks
            // What peers said about our address was said about the one before.
            node.address.reopen()
            for peer in node.lines.proven { node.lines[tellsUs: peer.slot] = nil }
            node.lookAround(&event)
        }
    }

    /// The machine slept or stood still, so that others may have forgotten us while no time seems to have passed.
    public mutating func wake(
        now: Instant, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in node.lookAround(&event) }
    }

    /// Names of seeds are being looked up: until ``replaceSeeds(_:awaitsMore:now:using:into:)`` says what they stand for,
    /// messages wait for them as for seeds that do not answer yet.
    public mutating func awaitSeeds() { seeds.awaitsMore = true }

    /// The names of the seeds stand for these addresses now.
    ///
    /// - Parameter awaitsMore: whether names are still being looked up that stand for none yet.
    public mutating func replaceSeeds(
        _ endpoints: [Endpoint], awaitsMore: Bool, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { node, event in
            let own = node.address.endpoint
            node.seeds.replace(with: endpoints.filter { $0 != own }, now: event.now, limits: node.limits)
            node.seeds.awaitsMore = awaitsMore
            for slot in node.lines.ringing + node.lines.proven.map(\.slot) {
                node.lines.slots[slot].isSeed = node.seeds.contains(node.lines.slots[slot].endpoint)
            }
            node.dialSeeds(&event)
        }
    }

    /// Whether a datagram to an address reaches one peer, if there is any: no crowd, and nothing that only an interface
    /// could make sense of (part A, rule 16).
    func canReach(_ endpoint: Endpoint) -> Bool {
        !endpoint.isMartian && !endpoint.needsZone && !networks.isCrowd(endpoint)
    }

    /// Whether an address is of the family that our socket speaks, as far as we know (part A, rule 15).
    func isOfOurFamily(_ endpoint: Endpoint) -> Bool {
        let speaksIPv6 = speaksIPv6 ?? (address.endpoint ?? seeds.endpoints.first)?.isIPv6
        return speaksIPv6.map { $0 == endpoint.isIPv6 } ?? true
    }

    /// Looks whether everything is still as we think: the switches that we need are asked at once, nobody counts as silent, and
    /// the seeds and the saved switches are dialled as in the beginning.
    mutating func lookAround(_ event: inout Event<some RandomNumberGenerator>) {
        silent.removeAll()
        // Dials that were lost on our side are nobody's fault, and cost nobody anything.
        dialler.forgetHosts()
        for slot in lines.ringing where lines.slots[slot].dialledAt != nil { lines.slots[slot].unansweredDials = 0 }
        askNeeded(&event)
        seeds.restart(now: event.now, limits: limits)
        if isAlone || hearing.isDeaf { known.restart(now: event.now, limits: limits) }
        guard !isAlone else { return }
        ownLookupPause = limits.firstLookupPause
        ownLookupAt = min(ownLookupAt, event.now.advanced(by: ownLookupPause))
    }

    /// Nothing was heard although we asked.
    mutating func checkHearing(_ event: inout Event<some RandomNumberGenerator>) {
        guard !isAlone || hearing.isDeaf else { return hearing.rest() }
        switch hearing.check(now: event.now, limits: limits) {
        case .quiet: break
        case .ask: askNeeded(&event)
        case .deaf:
            askNeeded(&event)
            silent.removeAll()
            seeds.restart(now: event.now, limits: limits)
            known.restart(now: event.now, limits: limits)
        }
    }

    /// Asks all switches whose lines we want to keep, whatever was heard of them.
    private mutating func askNeeded(_ event: inout Event<some RandomNumberGenerator>) {
        for peer in lines.proven where peer.isSwitch && isWanted(peer.slot) {
            _ = ask(peer.slot, for: place, isUrgent: true, &event)
            planKeepalive(on: peer.slot, at: event.now.advanced(by: limits.keepaliveRepeat))
        }
    }
}
