import TelehashWire

/// A Telehash v1 switch as a value: events go in as method calls, effects come out as values.
///
/// The switch has no socket, no clock and no randomness of its own; whoever drives it passes the time and a
/// generator, performs the effects in their order, and calls ``tick(now:using:into:)`` when ``nextDeadline`` is
/// reached. Rings are drawn from the passed generator, so a service must pass a cryptographic one.
///
/// ```swift
/// var random = SystemRandomNumberGenerator()
/// var node = Switch(.init(seeds: [seed]), now: clock.now, using: &random)
/// var effects: [Effect] = []
/// node.start(now: clock.now, using: &random, into: &effects)
/// ```
///
/// **Restarts.** A switch keeps nothing when it ends; what ``contacts(limit:)`` and ``rememberedLines()`` name can be given
/// to the next one. A p2pmsg peer that still holds a line to the one before is answered with a fresh ring at its next
/// question, takes it for a challenge, and the line is proven afresh within two round trips; a ring alone never tears its
/// line down.
/// Switches of 2011 drop everything with a ring they don't know until their line is purged, which takes 80 to 92 s; with
/// them the remembered line goes on, or the next switch takes a fresh port.
public struct Switch: Sendable {
    /// What a switch is told about itself.
    public struct Configuration: Sendable {
        /// Switches to begin with. None means that others begin with this one.
        public var seeds: [Endpoint]
        /// Switches of an earlier life, best first: see ``Switch/contacts(limit:)``. Dialled at the start and whenever we
        /// know nobody, as far as the budgets go; what they say about our own address counts as anybody's.
        public var known: [Endpoint]
        /// Lines of an earlier life at the same address: see ``Switch/rememberedLines()``.
        public var remembered: [RememberedLine]
        /// Our address as others reach it, when the operator knows better than anybody.
        public var advertised: Endpoint?
        /// The address of the socket, when it is bound to a literal address and not to a wildcard.
        public var bound: Endpoint?
        /// Which family the socket speaks, when that is known although its address is not: true for IPv6.
        public var speaksIPv6: Bool?
        /// Where this machine's interfaces are; see ``Switch/networkChanged(_:now:using:into:)``.
        public var networks: OwnNetworks
        public var limits: Limits

        public init(
            seeds: [Endpoint] = [], known: [Endpoint] = [], remembered: [RememberedLine] = [],
            advertised: Endpoint? = nil, bound: Endpoint? = nil, speaksIPv6: Bool? = nil,
            networks: OwnNetworks = OwnNetworks(), limits: Limits = .default
        ) {
            self.seeds = seeds
            self.known = known
            self.remembered = remembered
            self.advertised = advertised
            self.bound = bound
            self.speaksIPv6 = speaksIPv6
            self.networks = networks
            self.limits = limits
        }
    }

    let limits: Limits
    /// The key of the fingerprints by which repeats are recognised.
    let digestKey: DigestKey

    // Who we are
    var address: OwnAddress
    /// Addresses from which our own telexes came back to us.
    var mirrors: [Endpoint] = []
    /// Which family the socket speaks, as far as we were told.
    let speaksIPv6: Bool?
    /// Where this machine's interfaces are.
    var networks: OwnNetworks
    /// Whether anybody answers us.
    var hearing = Hearing()
    var seeds: Seeds
    /// Who may still be there when no seed is.
    var known: KnownSwitches
    /// Lines of an earlier life, until the start is over.
    var remembered: [Endpoint: RememberedLine]

    // Whom we know
    var lines = LineTable()
    /// Proven lines whose peer is a switch.
    var switchCount = 0
    var buckets: Buckets
    var closest: ClosestSets
    var checks = EntryChecks()
    /// Addresses that did not answer a short while ago.
    var silent: RecentSet
    var answerTime = AnswerTime()
    var dialler: Dialler
    var lookups = LookupBook()
    /// How densely the ring is inhabited, as far as lookups showed.
    var density: Density
    /// When our own place was looked up because somebody joined, when it will be anyway, and how long it is until the
    /// time after that.
    var joinLookupAt: Instant?
    var ownLookupAt = Instant.distantFuture
    var ownLookupPause: Duration
    var wantsJoinLookup = false

    // Who wants what
    var taps = TapTable()
    var ownTaps = OwnTaps()
    /// Who of the tappers may serve others, by end.
    var hosted = HostedTrees()
    /// Who serves us, for own ends whose closest switches can't serve everybody.
    var parents: [NodeID: Parents] = [:]
    /// The table and the taps for which our taps were last brought to their hosts.
    var tapsPlacedFor = (table: 0, taps: 0)
    var pops = PopLog()
    /// Addresses that were rung because of a bare `.tap`.
    var bareTaps: RecentSet
    var silentHosts = SilentHosts()

    // What passes through
    var relayed: RecentSet
    var delivered: RecentSet
    var publications = PublicationTable()
    /// Questions that will be given up, by the line they were asked on.
    var questionExpiries = TimedQueue<LineTable.Handle>()
    /// Lines on which a probe is to follow the last one.
    var probesDue = TimedQueue<LineTable.Handle>()

    // Budgets
    var strangers: TokenBucket
    var requests: TokenBucket
    var strangerSignals: TokenBucket
    var adoptions: TokenBucket
    var redirects: TokenBucket
    var treeDials: TokenBucket
    var copiesOf2011: TokenBucket

    var counters = Counters()
    var sweepAt = Instant.distantFuture
    /// Proven lines in the order in which the sweep looks at them.
    var looks = LookQueue()
    /// Found tappers, kept to save an allocation for each telex.
    var matches: [Int] = []

    /// When ``tick(now:using:into:)`` must be called at the latest. Changes with every event.
    public internal(set) var nextDeadline = Instant.distantFuture

    public init(
        _ configuration: Configuration, now: Instant, using random: inout some RandomNumberGenerator
    ) {
        let limits = configuration.limits
        self.limits = limits
        digestKey = DigestKey(using: &random)
        address = OwnAddress(advertised: configuration.advertised, bound: configuration.bound)
        let provisional = NodeID(high: random.next(), middle: random.next(), low: random.next())
        buckets = Buckets(center: address.id ?? provisional, limits: limits)
        speaksIPv6 = configuration.speaksIPv6
        networks = configuration.networks
        let own = address.endpoint
        seeds = Seeds(configuration.seeds.filter { $0 != own }, now: now, limits: limits)
        known = KnownSwitches(configuration.known.filter { $0 != own }, now: now, limits: limits)
        remembered = Dictionary(
            configuration.remembered.prefix(limits.rememberedLines).map { ($0.endpoint, $0) }, uniquingKeysWith: { $1 })
        ownLookupPause = limits.firstLookupPause
        closest = ClosestSets(capacity: limits.closestSets)
        dialler = Dialler(now: now, limits: limits)
        silent = RecentSet(span: limits.silentFor, capacity: limits.silentAddresses)
        bareTaps = RecentSet(span: limits.bareTapInterval, capacity: limits.bareTaps)
        density = Density(limits: limits)
        relayed = RecentSet(span: limits.relayOnce, capacity: limits.rememberedSignals)
        delivered = RecentSet(span: limits.deliverOnce, capacity: limits.rememberedSignals)
        strangers = TokenBucket(
            perSecond: limits.strangerTelexesPerSecond, burst: limits.strangerTelexBurst, now: now)
        requests = TokenBucket(perSecond: limits.requestsPerSecond, burst: limits.requestBurst, now: now)
        strangerSignals = TokenBucket(
            perSecond: limits.strangerSignalsPerSecond, burst: limits.strangerSignalBurst, now: now)
        adoptions = TokenBucket(perSecond: limits.adoptionsPerSecond, burst: limits.adoptionBurst, now: now)
        redirects = TokenBucket(perSecond: limits.redirectsPerSecond, burst: limits.redirectBurst, now: now)
        treeDials = TokenBucket(perSecond: limits.treeDialsPerSecond, burst: limits.treeDialBurst, now: now)
        copiesOf2011 = TokenBucket(
            perSecond: limits.copiesOf2011PerSecond, burst: limits.copyOf2011Burst, now: now)
    }

    /// Our place on the ring; provisional until the own address is known.
    var place: NodeID { buckets.center }

    /// Whether we know nobody who takes part in the DHT.
    var isAlone: Bool { switchCount == 0 && buckets.count == 0 }

    /// Whether we know so few that each newcomer may know more than we do.
    var knowsFew: Bool { max(switchCount, buckets.count) <= limits.k }

    /// Whether an address is our own.
    func isSelf(_ endpoint: Endpoint) -> Bool {
        endpoint == address.endpoint || mirrors.contains(endpoint)
    }

    /// The slots of the switches at which something is heard and said: the `k` nearest to the place, and the others in
    /// the region that should hold `k`, so that sybils who crowd around the place don't have it for themselves (T9).
    func closestSlots(to place: NodeID) -> [Int] {
        closest.known(place) ?? findSlots(around: place)
    }

    /// As ``closestSlots(to:)``, remembered until the table changes: for the places that are asked for all the time.
    mutating func rememberedClosestSlots(to place: NodeID) -> [Int] {
        if let known = closest.known(place) { return known }
        let slots = findSlots(around: place)
        closest.keep(slots, for: place)
        return slots
    }

    /// Where an end is tapped and its signals go: hosts that brought us nothing (T27) may have been blamed wrongly, or bring
    /// it to others, so they stay beside those that count in their place.
    mutating func hostSlots(of end: NodeID) -> [Int] {
        let counted = rememberedClosestSlots(to: end)
        guard !silentHosts.hosts(of: end).isEmpty else { return counted }
        let nearest = lines.switches(around: end, within: density.radius, besides: [], limits: limits)
        return nearest + counted.filter { !nearest.contains($0) }
    }

    private func findSlots(around place: NodeID) -> [Int] {
        lines.switches(
            around: place, within: density.radius, besides: silentHosts.hosts(of: place), limits: limits)
    }
}
