import TelehashWire

extension Switch {
    /// Takes note of the address at which a proven peer sees us.
    mutating func learnAddress(
        from telex: Telex, on slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard address.isOpen, let told = telex.to, told != lines[tellsUs: slot] else { return }
        lines[tellsUs: slot] = told
        if lines.slots[slot].isSeed, lines.slots[slot].dialledAt != nil,
            address.seed(lines.slots[slot].endpoint, says: told)
        {
            addressChanged(&event)
        }
        countAddressVotes(&event)
    }

    /// Asks the switches that we know what they think our address is.
    mutating func countAddressVotes(_ event: inout Event<some RandomNumberGenerator>) {
        guard address.isOpen else { return }
        let known = address.endpoint
        // The usual case, and it comes with each new line.
        if address.isAgreed, lines.proven.allSatisfy({ $0.tellsUs == nil || $0.tellsUs == known }) { return }
        var votes: [OwnAddress.Vote] = []
        for peer in lines.proven where peer.isSwitch {
            guard let says = peer.tellsUs else { continue }
            votes.append(OwnAddress.Vote(voter: lines.slots[peer.slot].endpoint, says: says))
        }
        if address.count(votes, limits: limits) { addressChanged(&event) }
    }

    /// We have a new place: the table moves, our neighbours are looked up, and peers get the new `+pop` rule.
    mutating func addressChanged(_ event: inout Event<some RandomNumberGenerator>) {
        guard let own = address.endpoint, let id = address.id else { return }
        if let mirror = lines.slot(of: own) { purge(mirror, &event) }
        buckets.move(to: id, now: event.now)
        tapsPlacedFor.table = -1
        wantsJoinLookup = true
        joinLookupAt = nil
        // Whoever wants to reach us through a NAT needs the new rule to be in place before it asks.
        for peer in lines.proven { planKeepalive(on: peer.slot, at: event.now) }
    }
}
