import TelehashWire

/// The layer above ``Routing``: what is said and who wants to hear it.
///
/// It holds the taps of others and places ours, follows what is published, relays and delivers, and remembers what was
/// seen and who brought what. Beside it stand the ``Trees`` of tappers.
struct Exchange: Sendable {
    let limits: Limits
    var routing: Routing
    var trees: Trees
    /// The key of the fingerprints by which repeats are recognised.
    let digestKey: DigestKey

    // Changed by this layer's own files only.
    var taps: TapTable
    var ownTaps = OwnTaps()
    /// For which table and which taps ours were brought to their hosts.
    private var placedFor: (table: Int, taps: Int)?
    var silentHosts: SilentHosts
    var forgeries: Forgeries
    var relayed: RecentSet<UInt64>
    var delivered: RecentSet<UInt64>
    var undecided: Undecided
    var publications = PublicationTable()
    var adoptions: SharedBudget
    var adoptedLookups: SharedBudget
    var copiesOf2011: SharedBudget
    /// Found tappers, kept to save an allocation for each telex.
    var matches: [Int] = []

    init(_ configuration: Switch.Configuration, now: Instant, using random: inout some RandomNumberGenerator) {
        let limits = configuration.limits
        self.limits = limits
        digestKey = DigestKey(using: &random)
        routing = Routing(configuration, now: now, using: &random)
        trees = Trees(isOn: configuration.usesTrees, now: now, limits: limits)
        taps = TapTable(limits: limits)
        silentHosts = SilentHosts(limits: limits)
        forgeries = Forgeries(limits: limits, now: now)
        undecided = Undecided(limits: limits, now: now)
        relayed = RecentSet(span: limits.exchange.relayOnce, capacity: limits.exchange.rememberedSignals)
        delivered = RecentSet(span: limits.exchange.deliverOnce, capacity: limits.exchange.rememberedSignals)
        func shared(_ rate: TokenRate) -> SharedBudget {
            SharedBudget(rate, limits.exchange.bringerParts, limits: limits, now: now)
        }
        adoptions = shared(limits.exchange.adoptions)
        adoptedLookups = shared(limits.exchange.adoptedLookups)
        copiesOf2011 = shared(limits.exchange.copiesOf2011)
    }

    var lines: Lines {
        @inline(__always) _read { yield routing.lines }
        @inline(__always) _modify { yield &routing.lines }
    }

    // MARK: Our taps

    /// Other ends are listened to now.
    mutating func tap(_ ends: Set<NodeID>, _ moment: inout Moment) {
        ownTaps.replace(with: ends, now: moment.now)
        trees.keep(only: ends)
        lookUpEnds(&moment)
    }

    mutating func lookUpEnds(_ moment: inout Moment) {
        let interval = limits.exchange.endLookupInterval
        let due = ownTaps.due(now: moment.now) {
            interval * (1 + Double.random(in: 0...0.25, using: &moment.random))
        }
        for end in due { routing.lookUp(end, unlessWithin: limits.routing.joinLookupInterval, &moment) }
    }

    mutating func placeTapsAnew() { placedFor = nil }

    /// What a peer is asked to send us: greetings if it proves our place known, and the ends if it is among the
    /// closest to one of them. A telex holds only so many rules, so with many ends each host gets those it is near.
    mutating func selection(for slot: Int) -> OwnTaps.Selection {
        var selection = OwnTaps.Selection(pop: routing.address.id)
        let endpoint = lines[slot].endpoint
        let isSwitch = lines.isSwitch(slot)
        let ends = ownTaps.ordered.filter { trees[$0].map { $0.host(at: endpoint)?.wantsTap == true } ?? isSwitch }
        let near = ends.filter { trees[$0] != nil || hostSlots(of: $0).contains(slot) }
        if !near.isEmpty { selection.ends = ends.count <= limits.exchange.ownRulesPerTelex ? ends : near }
        selection.ends = Array(selection.ends.prefix(limits.exchange.ownRulesPerTelex))
        return selection
    }

    /// Brings our taps to the switches that are now the closest to our ends. Peers that are no longer among them keep
    /// theirs until their next keepalive: the new ones may not have it yet.
    mutating func placeTaps(_ moment: inout Moment) {
        let placement = (table: routing.closest.version, taps: ownTaps.version)
        if let placedFor, placedFor == placement { return }
        placedFor = placement
        var hosts: [Int] = []
        for end in ownTaps.ordered {
            for slot in tapHosts(of: end) where !hosts.contains(slot) { hosts.append(slot) }
        }
        for slot in hosts {
            let selection = selection(for: slot)
            if selection != lines[slot].tapHeld { sendTap(selection, to: slot, &moment) }
        }
    }

    private mutating func tapHosts(of end: NodeID) -> [Int] {
        guard let tree = trees[end] else { return hostSlots(of: end) }
        return tree.hosts.filter(\.wantsTap).compactMap { lines.provenSlot(of: $0.endpoint) }
    }

    /// Where an end is tapped and its signals go: hosts that brought us nothing (T27) may have been blamed wrongly, or bring
    /// it to others, so they stay beside those that count in their place.
    mutating func hostSlots(of end: NodeID) -> [Int] {
        let silent = silentHosts.hosts(of: end)
        let counted = routing.rememberedClosestSlots(to: end, besides: silent)
        guard !silent.isEmpty else { return counted }
        let nearest = lines.switches(around: end, within: routing.density.radius, besides: [], limits: limits)
        return nearest + counted.filter { !nearest.contains($0) }
    }

    /// The rules, and that we understand it when a host has no place for one of them, by which it also knows our kind.
    private func text(of selection: OwnTaps.Selection, for slot: Int) -> TapText {
        let marks = trees.isOn ? TreeMarks.text(trees.marks(of: selection.ends, for: lines[slot].endpoint)) : nil
        return TapText(rules: selection.rules, marks: marks)
    }

    mutating func sendTap(_ selection: OwnTaps.Selection, to slot: Int, _ moment: inout Moment) {
        var writer = lines[slot].beginTelex(capacity: 1024)
        text(of: selection, for: slot).write(to: &writer)
        if lines.sendIfOpen(writer.finish(), on: slot, &moment) { didTap(selection, on: slot, now: moment.now) }
    }

    private mutating func didTap(_ selection: OwnTaps.Selection, on slot: Int, now: Instant) {
        lines[slot].tapHeld = selection
        trees.didTap(selection.ends, at: lines[slot].endpoint, now: now)
    }

    // MARK: Keeping lines

    /// Whether a line is worth a keepalive: our neighbours, those that hold taps of ours, and those that hold a tap here
    /// and don't know how to keep a line themselves. Others end when the peer wants them no more either; keeping every
    /// line that a lookup ever made would make everybody keep a line to everybody.
    func isWanted(_ slot: Int) -> Bool {
        if !lines[slot].tapHeld.ends.isEmpty { return true }
        if routing.buckets.isNeighbour(lines[slot].endpoint, id: lines[slot].id) { return true }
        return (lines[slot].isSeed && routing.knowsFew) || (!lines.isSwitch(slot) && taps.hasTap(slot))
    }

    /// Keeps a line alive, renews our tap there, and learns who is near us or near our ends: one telex for all three. It
    /// passes a closed window, because a peer that hears nothing for a minute forgets the line.
    mutating func sendKeepalive(_ slot: Int, _ moment: inout Moment) {
        let selection = selection(for: slot)
        // A tap that must be taken back is renewed with no rules, once.
        let says = !selection.isEmpty || !lines[slot].tapHeld.isEmpty
        let silence = lines[slot].silence(now: moment.now)
        let jitter = 1 - Double.random(in: 0...0.1, using: &moment.random)
        // A renewal is not answered; a question is asked with every other one, unless the peer is heard anyway.
        if !selection.ends.isEmpty, silence < limits.lines.keepalive - limits.lines.tapRenewal {
            sendTap(selection, to: slot, &moment)
            return lines.planKeepalive(on: slot, at: moment.now.advanced(by: limits.lines.tapRenewal * jitter))
        }
        let end = selection.ends.randomElement(using: &moment.random) ?? routing.place
        // Switches of 2011 name us to others only once we named ourselves, and some never ask.
        let own = lines[slot].hasAsked ? [] : routing.ourselves(for: slot)
        let text = says ? text(of: selection, for: slot) : nil
        guard lines.ask(slot, for: end, as: .urgent, taps: text, naming: own.isEmpty ? nil : own, &moment) else {
            return lines.planKeepalive(on: slot, at: moment.now.advanced(by: limits.lines.keepaliveRepeat))
        }
        didTap(selection, on: slot, now: moment.now)
        let isRepeat = silence >= limits.lines.keepalive * 0.9
        let pause =
            isRepeat
            ? limits.lines.keepaliveRepeat : selection.ends.isEmpty ? limits.lines.keepalive : limits.lines.tapRenewal
        lines.planKeepalive(on: slot, at: moment.now.advanced(by: pause * jitter))
    }

    /// Asks something on a line that we want, when one side was silent for so long that the line may end; renews our taps
    /// where the line holds any.
    mutating func keepAlive(_ slot: Int, _ moment: inout Moment) {
        guard lines[slot].keepaliveAt <= moment.now else { return }
        let due = lines[slot].quietSince.advanced(by: limits.lines.keepalive)
        guard isWanted(slot) else {
            let later = max(due, moment.now.advanced(by: limits.lines.keepaliveRepeat))
            return lines.planKeepalive(on: slot, at: later)
        }
        let held = lines[slot].tapHeld
        if due <= moment.now || !held.ends.isEmpty || selection(for: slot) != held {
            sendKeepalive(slot, &moment)
        } else {
            lines.planKeepalive(on: slot, at: due)
        }
    }

    /// Asks all switches whose lines we want to keep, whatever was heard of them.
    mutating func askNeeded(_ moment: inout Moment) {
        for peer in lines.proven where peer.isSwitch && isWanted(peer.slot) {
            _ = lines.ask(peer.slot, for: routing.place, as: .urgent, &moment)
            lines.planKeepalive(on: peer.slot, at: moment.now.advanced(by: limits.lines.keepaliveRepeat))
        }
    }

    /// Looks whether everything is still as we think: the switches that we need are asked at once, and others are looked for
    /// as in the beginning.
    mutating func lookAround(_ moment: inout Moment) {
        askNeeded(&moment)
        routing.lookAround(now: moment.now)
    }
}
