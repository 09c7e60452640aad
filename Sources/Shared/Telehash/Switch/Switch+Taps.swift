import TelehashWire

extension Switch {
    /// What a peer is asked to send us: greetings if it proves our place known, and the ends if it is among the
    /// closest to one of them. A telex holds only so many rules, so with many ends each host gets those it is near.
    mutating func selection(for slot: Int) -> OwnTaps.Selection {
        var selection = OwnTaps.Selection(pop: address.id)
        let endpoint = lines.slots[slot].endpoint
        let isSwitch = lines.slots[slot].isSwitch
        let ends = ownTaps.ordered.filter { parents[$0]?.wantsTap(at: endpoint) ?? isSwitch }
        let near = ends.filter { parents[$0] != nil || hostSlots(of: $0).contains(slot) }
        if !near.isEmpty { selection.ends = ends.count <= limits.ownRulesPerTelex ? ends : near }
        selection.ends = Array(selection.ends.prefix(limits.ownRulesPerTelex))
        return selection
    }

    /// Brings our taps to the switches that are now the closest to our ends. Peers that are no longer among them keep
    /// theirs until their next keepalive: the new ones may not have it yet.
    mutating func placeTaps(_ event: inout Event<some RandomNumberGenerator>) {
        tapsPlacedFor = (closest.version, ownTaps.version)
        var hosts: [Int] = []
        for end in ownTaps.ordered {
            for slot in tapHosts(of: end) where !hosts.contains(slot) { hosts.append(slot) }
        }
        for slot in hosts {
            let selection = selection(for: slot)
            if selection != lines.slots[slot].tapHeld { sendTap(selection, to: slot, &event) }
        }
    }

    /// The proven lines at which an end is to be tapped.
    private mutating func tapHosts(of end: NodeID) -> [Int] {
        guard let parents = parents[end] else { return hostSlots(of: end) }
        return parents.hosts.filter(\.wantsTap).compactMap { lines.slot(of: $0.endpoint) }
            .filter { lines.slots[$0].isProven }
    }

    mutating func sendTap(
        _ selection: OwnTaps.Selection, to slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        var writer = beginTelex(on: slot, capacity: 1024)
        write(selection, to: &writer, on: slot)
        let datagram = writer.finish()
        guard lines.slots[slot].window.admits(datagram.count, now: event.now, limits: limits) else {
            return counters.add(.windowClosed)
        }
        send(datagram, on: slot, &event)
        didTap(selection, on: slot, now: event.now)
    }

    /// The rules, and that we understand it when a host has no place for one of them, by which it also knows our kind.
    func write(_ selection: OwnTaps.Selection, to writer: inout TelexWriter, on slot: Int) {
        writer.tap(selection.rules)
        let marks = TreeMarks.text(treeMarks(of: selection, for: slot))
        writer.field(Telex.Field(key: TreeNotice.key, text: marks))
    }

    /// Keeps a line alive, renews our tap there, and learns who is near us or near our ends: one telex for all three. It
    /// passes a closed window, because a peer that hears nothing for a minute forgets the line.
    mutating func sendKeepalive(_ slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        let selection = selection(for: slot)
        // A tap that must be taken back is renewed with no rules, once.
        let says = selection.isEmpty && lines.slots[slot].tapHeld.isEmpty ? nil : selection
        let silence = lines.slots[slot].silence(now: event.now)
        let jitter = 1 - Double.random(in: 0...0.1, using: &event.random)
        // A renewal is not answered; a question is asked with every other one, unless the peer is heard anyway.
        if !selection.ends.isEmpty, silence < limits.keepalive - limits.tapRenewal, let says {
            sendTap(says, to: slot, &event)
            planKeepalive(on: slot, at: event.now.advanced(by: limits.tapRenewal * jitter))
            return
        }
        let end = selection.ends.randomElement(using: &event.random) ?? place
        // Switches of 2011 name us to others only once we named ourselves, and some never ask.
        let own = lines.slots[slot].hasAsked ? [] : ourselves(for: slot)
        guard ask(slot, for: end, taps: says, naming: own.isEmpty ? nil : own, isUrgent: true, &event) else {
            return planKeepalive(on: slot, at: event.now.advanced(by: limits.keepaliveRepeat))
        }
        didTap(selection, on: slot, now: event.now)
        let isRepeat = silence >= limits.keepalive * 0.9
        let pause = isRepeat ? limits.keepaliveRepeat : selection.ends.isEmpty ? limits.keepalive : limits.tapRenewal
        planKeepalive(on: slot, at: event.now.advanced(by: pause * jitter))
    }
}
