import TelehashWire

/// The layer above ``Lines``: where we are, which switches we know there, and how others are found.
///
/// It keeps the table and the seeds, dials, asks, looks places up and answers those who do. It does not know what is said
/// at the places: the layer above names the ends that it cares about.
struct Routing: Sendable {
    let limits: Limits
    var lines: Lines

    // Who we are
    private(set) var address: OwnAddress
    /// Addresses from which our own telexes came back to us, and when.
    private(set) var mirrors: [(endpoint: Endpoint, at: Instant)] = []
    /// Which family the socket speaks, as far as we were told.
    private let speaksIPv6: Bool?
    private var networks: OwnNetworks

    // Switches that are known; changed by this layer's own files only
    var seeds: Seeds
    /// Who may still be there when no seed is.
    private(set) var known: KnownSwitches
    var buckets: Buckets
    var closest: ClosestSets
    var checks: EntryChecks
    /// Addresses that did not answer a short while ago.
    var silent: RecentSet<Endpoint>
    var dialler: Dialler
    /// Who was greeted because somebody asked for it: the request names the target (T13).
    var greeted: RecentSet<Endpoint>
    var lookups: LookupBook
    var answerTime: AnswerTime
    /// How densely the ring is inhabited, as far as lookups showed.
    var density: Density
    var refresh: Refresh

    /// Addresses whose ringing lines gave way to others, until the layer above has heard of it.
    var evicted: [Endpoint] = []

    init(_ configuration: Switch.Configuration, now: Instant, using random: inout some RandomNumberGenerator) {
        let limits = configuration.limits
        self.limits = limits
        address = OwnAddress(advertised: configuration.advertised, bound: configuration.bound)
        let provisional = NodeID(high: random.next(), middle: random.next(), low: random.next())
        buckets = Buckets(center: address.id ?? provisional, limits: limits)
        lines = Lines(remembered: configuration.remembered, place: buckets.center, now: now, limits: limits)
        speaksIPv6 = configuration.speaksIPv6
        networks = configuration.networks
        let own = address.endpoint
        seeds = Seeds(configuration.seeds.filter { $0 != own }, now: now, limits: limits)
        known = KnownSwitches(configuration.known.filter { $0 != own }, now: now, limits: limits)
        closest = ClosestSets(capacity: limits.routing.closestSets)
        checks = EntryChecks(limits: limits)
        silent = RecentSet(span: limits.routing.silentFor, capacity: limits.routing.silentAddresses)
        dialler = Dialler(now: now, limits: limits)
        greeted = RecentSet(span: limits.routing.popInterval, capacity: limits.routing.popTargets)
        lookups = LookupBook(limits: limits)
        answerTime = AnswerTime(limits: limits)
        density = Density(limits: limits)
        refresh = Refresh(limits: limits)
    }

    /// Our place on the ring; provisional until the own address is known.
    var place: NodeID { buckets.center }

    var isAlone: Bool { buckets.count == 0 && !lines.proven.contains(where: \.isSwitch) }

    /// Whether we know so few that each newcomer may know more than we do.
    var knowsFew: Bool {
        buckets.count <= limits.routing.k
            && lines.proven.lazy.filter(\.isSwitch).prefix(limits.routing.k + 1).count <= limits.routing.k
    }

    /// Whether we know nobody and nobody is left to ask, or nobody answers.
    private var isLost: Bool { isAlone || lines.hearing.isDeaf }

    /// Whether there are seeds, or will be, and none of them led anywhere yet.
    var isBootstrapping: Bool { isAlone && (!seeds.isEmpty || seeds.awaitsMore) }

    // MARK: Addresses that can be reached

    /// One that only sent a telex of ours back is heard again after a while: it may have been a forger.
    func isSelf(_ endpoint: Endpoint) -> Bool {
        mirrors.contains { $0.endpoint == endpoint } || (endpoint == address.endpoint && !address.isMirrored)
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

    /// Whether an address that others name may be dialled (part A, rules 12 and 16).
    func mayMeet(_ endpoint: Endpoint, toldBy teller: Endpoint?) -> Bool {
        guard !isSelf(endpoint), canReach(endpoint), isOfOurFamily(endpoint) else { return false }
        if endpoint.isPublic { return true }
        return address.endpoint?.isPublic != true && teller?.isPublic != true
    }

    // MARK: Our own address

    /// A telex of ours came back from an address. Returns whether that is news about where we are.
    mutating func didMirror(_ mirror: Endpoint, isSeed: Bool, now: Instant) -> Bool {
        if mirrors.count < Routing.mirrorsKept { mirrors.append((mirror, now)) }
        return isSeed && address.isSeed(mirror)
    }

    /// One machine has few addresses that it could be configured to be its own seed with.
    static let mirrorsKept = 8

    /// A proven peer says at which address it sees us. `false` when it said so before, or nobody asks it.
    mutating func isTold(_ told: Endpoint?, by slot: Int) -> Bool {
        guard address.isOpen, let told, told != lines[tellsUs: slot] else { return false }
        lines[tellsUs: slot] = told
        return true
    }

    /// Whether a seed that we asked tells us another address than we knew.
    mutating func believesSeed(_ slot: Int, saying told: Endpoint?) -> Bool {
        guard let told, lines[slot].isSeed, lines[slot].dialledAt != nil else { return false }
        return address.seed(lines[slot].endpoint, says: told)
    }

    /// Asks the switches that we know what they think our address is. Returns whether it is another one now.
    mutating func countAddressVotes() -> Bool {
        guard address.isOpen else { return false }
        let known = address.endpoint
        // The usual case, and it comes with each new line.
        if address.isAgreed, lines.proven.allSatisfy({ $0.tellsUs == nil || $0.tellsUs == known }) { return false }
        let votes = lines.proven.filter(\.isSwitch).compactMap { peer in
            peer.tellsUs.map { (voter: lines[peer.slot].endpoint, says: $0) }
        }
        return address.count(votes, limits: limits)
    }

    /// We have a new place: the table moves, and our neighbours are looked up.
    mutating func move(to id: NodeID, now: Instant) {
        buckets.move(to: id, now: now)
        lines.place = place
        refresh.didMove()
        // Whoever wants to reach us through a NAT needs the new rule to be in place before it asks.
        for peer in lines.proven { lines.planKeepalive(on: peer.slot, at: now) }
    }

    /// The machine's interfaces have other addresses now. What peers said about our address was said about the one before.
    mutating func networkChanged(_ networks: OwnNetworks) {
        self.networks = networks
        address.reopen()
        for peer in lines.proven { lines[tellsUs: peer.slot] = nil }
    }

    // MARK: Lines begin and end

    /// A ringing line to an address that has none. `nil` when the table is full of lines that are still being dialled.
    mutating func open(_ endpoint: Endpoint, _ moment: inout Moment) -> Int? {
        if lines.isFull {
            guard let victim = lines.ringingVictim(&moment) else { return nil }
            moment.count(.linesEvicted)
            evicted.append(lines[victim].endpoint)
            close(victim, &moment)
        }
        return lines.open(endpoint, isSeed: seeds.contains(endpoint), &moment)
    }

    /// Forgets a line. Its switch stays in the table when it can be reached again.
    mutating func close(_ slot: Int, _ moment: inout Moment) {
        let wasAlone = isAlone
        let endpoint = lines[slot].endpoint
        let id = lines[slot].id
        let wasSwitch = lines.isSwitch(slot)
        lines.close(slot)
        if wasSwitch { closest.invalidate() }
        if let entry = buckets.entry(endpoint, id: id), entry.evidence < .reached {
            for replacement in buckets.remove(endpoint, id: id, now: moment.now).prefix(1) {
                meet(replacement.endpoint, id: replacement.id, teller: nil, &moment)
            }
        }
        if !wasAlone { beginAgainIfAlone(now: moment.now) }
    }

    /// The peer names switches, so it is one.
    mutating func becomeSwitch(_ slot: Int, now: Instant) {
        refresh.isMet(whileAlone: isAlone, knowingFew: knowsFew, now: now)
        lines.becomeSwitch(slot)
        known.remember(lines[slot].endpoint)
        closest.invalidate()
        noteHeard(slot, .answeredUs, now: now)
    }

    /// The peer left copies unanswered. Until it speaks, others are the closest in its place, and it gets copies beside them:
    /// switches that come and go without a word would otherwise have an end for themselves until their lines end.
    mutating func passOver(_ slot: Int) {
        lines[passedOver: slot] = true
        closest.invalidate()
    }

    /// The peer speaks again.
    mutating func countAgain(_ slot: Int) {
        lines[passedOver: slot] = false
        closest.invalidate()
    }

    // MARK: When we know nobody

    mutating func start(_ moment: inout Moment) {
        refresh.start(now: moment.now)
        dialSeeds(&moment)
        dialRemembered(&moment)
        meetKnown(&moment)
    }

    /// When we lost the last one that we knew: back to those whom we know from elsewhere, at once.
    mutating func beginAgainIfAlone(now: Instant) {
        if isAlone { beginAgain(now: now) }
    }

    private mutating func beginAgain(now: Instant) {
        // It is we who were away: they deserve to be dialled as if nothing had been.
        silent.removeAll()
        seeds.restart(now: now)
        known.restart(now: now)
    }

    /// Nobody counts as silent any more, and the seeds and the saved switches are dialled as in the beginning.
    mutating func lookAround(now: Instant) {
        silent.removeAll()
        // Dials that were lost on our side cost nobody anything.
        dialler.forgetHosts()
        lines.forgetUnansweredDials()
        seeds.restart(now: now)
        if isLost { known.restart(now: now) }
        if !isAlone { refresh.begin(atOnce: false, now: now) }
    }

    /// Whether all switches that we need are to be asked, because nothing was heard although we asked.
    mutating func checkHearing(now: Instant) -> Bool {
        guard !isAlone || lines.hearing.isDeaf else {
            lines.hearing.rest()
            return false
        }
        switch lines.hearing.check(now: now) {
        case .quiet: return false
        case .ask: return true
        case .deaf:
            beginAgain(now: now)
            return true
        }
    }

    /// The names of the seeds stand for these addresses now.
    mutating func replaceSeeds(_ endpoints: [Endpoint], awaitsMore: Bool, _ moment: inout Moment) {
        let own = address.endpoint
        seeds.replace(with: endpoints.filter { $0 != own }, now: moment.now)
        seeds.awaitsMore = awaitsMore
        for slot in lines.ringing + lines.proven.map(\.slot) {
            lines[slot].isSeed = seeds.contains(lines[slot].endpoint)
        }
        dialSeeds(&moment)
    }

    /// Dials the seeds that are due. Operators chose them, so no budget holds them back but their own pauses.
    mutating func dialSeeds(_ moment: inout Moment) {
        let since = moment.now.advanced(by: .zero - limits.routing.mirrorMemory)
        mirrors.removeAll { $0.at <= since }
        // While nobody answers a line is no reason not to dial: it may be one that only we remember.
        let connected = seeds.endpoints.filter { seed in
            lines.slot(of: seed).map { lines[$0].isProven && !lines.hearing.isDeaf } ?? isSelf(seed)
        }
        let due = seeds.due(
            now: moment.now, isAlone: isLost, knowsFew: knowsFew, connected: connected, using: &moment.random)
        for seed in due where canReach(seed) && isOfOurFamily(seed) {
            guard let slot = lines.slot(of: seed) ?? open(seed, &moment) else { continue }
            // A seed of 2011 is asked for itself; whoever knows its own place asks for that.
            lines.dial(slot, for: address.id ?? seed.nodeID, &moment)
        }
    }

    /// Speaks the lines of an earlier life again. A peer that does not answer is rung anew.
    private mutating func dialRemembered(_ moment: inout Moment) {
        for endpoint in lines.rememberedEndpoints
        where lines.slot(of: endpoint) == nil && mayMeet(endpoint, toldBy: nil) {
            guard let slot = open(endpoint, &moment) else { return }
            lines.dial(slot, for: place, &moment)
        }
        lines.endOfStart()
    }

    /// Lets the switches that we knew wait for their turn to be dialled.
    mutating func meetKnown(_ moment: inout Moment) {
        for endpoint in known.due(now: moment.now, isAlone: isLost) {
            meet(endpoint, id: endpoint.nodeID, teller: nil, &moment)
        }
    }
}
