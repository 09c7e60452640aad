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
        /// Whether it takes part in trees of tappers. Without it works as the switches of 2011 do.
        public var usesTrees: Bool
        public var limits: Limits

        public init(
            seeds: [Endpoint] = [], known: [Endpoint] = [], remembered: [RememberedLine] = [],
            advertised: Endpoint? = nil, bound: Endpoint? = nil, speaksIPv6: Bool? = nil,
            networks: OwnNetworks = OwnNetworks(), usesTrees: Bool = true, limits: Limits = .default
        ) {
            self.seeds = seeds
            self.known = known
            self.remembered = remembered
            self.advertised = advertised
            self.bound = bound
            self.speaksIPv6 = speaksIPv6
            self.networks = networks
            self.usesTrees = usesTrees
            self.limits = limits
        }
    }

    /// The layers, each of which holds the one below it: ``Exchange``, ``Routing``, ``Lines``.
    private(set) var exchange: Exchange
    private(set) var counters = Counters()

    /// When ``tick(now:using:into:)`` must be called at the latest. Changes with every event.
    public private(set) var nextDeadline = Instant.distantFuture

    public init(
        _ configuration: Configuration, now: Instant, using random: inout some RandomNumberGenerator
    ) {
        exchange = Exchange(configuration, now: now, using: &random)
    }

    // MARK: Events

    /// Begins: dials the seeds and the switches of an earlier life. Called once, before any other event.
    public mutating func start(
        now: Instant, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in
            layers.routing.start(&moment)
        }
    }

    /// A datagram arrived.
    public mutating func receive(
        _ datagram: [UInt8], from sender: Endpoint, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in
            layers.receive(datagram, from: sender, &moment)
        }
    }

    /// Does what is due. Calling it early is harmless; ``nextDeadline`` says when it must be called.
    public mutating func tick(
        now: Instant, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in layers.doWhatIsDue(&moment) }
    }

    /// Replaces the set of ends whose signals are delivered here: those with that `+end` and any `+key`.
    public mutating func tap(
        _ ends: Set<NodeID>, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in layers.tap(ends, &moment) }
    }

    /// Publishes signals to the switches nearest to their end, and to the peers that tap them here.
    ///
    /// They are not delivered back: the caller has them. Progress comes as effects under `id`, at once and until it
    /// says `finished`, which takes 5 s at the most. Publishing the same signals again sends them again.
    ///
    /// - Parameter ofGuest: whether anybody could have said it here, as on a public page. Where much waits for a slow peer, such
    ///   signals leave room for those of the host's own people.
    public mutating func publish(
        _ signals: Signals, end: NodeID, as id: PublicationID, ofGuest: Bool = false, now: Instant,
        using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in
            layers.publish(signals, end: end, as: id, from: ofGuest ? .guest : .ourselves, &moment)
        }
    }

    /// Looks for the switches nearest to a place. The result comes as ``Effect/found(_:)`` under `id`; at once and empty
    /// when there is nobody to ask or too many lookups wait.
    public mutating func lookUp(
        _ target: NodeID, as id: LookupID, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in
            layers.routing.lookUp(target, as: id, &moment)
        }
    }

    /// The socket could not reach an address. A dial to it is over; a proven line stays, because anybody can forge
    /// such a message.
    public mutating func sendFailed(
        to endpoint: Endpoint, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, _ in layers.routing.sendFailed(to: endpoint) }
    }

    /// The machine's interfaces have other addresses now, or were given or lost a link.
    public mutating func networkChanged(
        _ networks: OwnNetworks, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in
            layers.routing.networkChanged(networks)
            layers.lookAround(&moment)
        }
    }

    /// The machine slept or stood still, so that others may have forgotten us while no time seems to have passed.
    public mutating func wake(
        now: Instant, using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in layers.lookAround(&moment) }
    }

    /// Names of seeds are being looked up: until ``replaceSeeds(_:awaitsMore:now:using:into:)`` says what they stand for,
    /// messages wait for them as for seeds that do not answer yet.
    public mutating func awaitSeeds() { exchange.routing.seeds.awaitsMore = true }

    /// The names of the seeds stand for these addresses now.
    ///
    /// - Parameter awaitsMore: whether names are still being looked up that stand for none yet.
    public mutating func replaceSeeds(
        _ endpoints: [Endpoint], awaitsMore: Bool, now: Instant, using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        handle(now: now, using: &random, into: &effects) { layers, moment in
            layers.routing.replaceSeeds(endpoints, awaitsMore: awaitsMore, &moment)
        }
    }

    /// What was delivered here was judged. Only what is genuine can be evidence against hosts that did not bring it (T27),
    /// and a peer that brings forgeries is heard less (T29): without receivers nobody is ever blamed. What waited for the
    /// judgement is passed on unless it is forged or nobody looked at it.
    ///
    /// - Parameter signals: those that the receiver verified.
    public mutating func didJudge(
        _ token: DeliveryToken, _ signals: Signals, as judgement: Judgement, now: Instant,
        using random: inout some RandomNumberGenerator, into effects: inout [Effect]
    ) {
        if judgement == .genuine { exchange.didTake(token, signals, now: now) }
        // Which is all that there is to do in quiet times.
        guard token.isHeld || (judgement != .genuine && judgement != .unknown) else { return }
        handle(now: now, using: &random, into: &effects) { layers, moment in
            layers.didJudge(token, signals, as: judgement, &moment)
        }
    }

    /// Runs one event: moves the caller's effects in and out, so that they are never copied, and then lets every layer
    /// act on what changed.
    private mutating func handle(
        now: Instant, using random: inout some RandomNumberGenerator, into effects: inout [Effect],
        _ body: (inout Exchange, inout Moment) -> Void
    ) {
        withoutActuallyEscaping({ random.next() }) { draw in
            var moment = Moment(now: now, random: Moment.Draws(draw: draw))
            swap(&moment.effects, &effects)
            swap(&moment.counters, &counters)
            body(&exchange, &moment)
            exchange.settle(&moment)
            nextDeadline = exchange.nextDeadline(now: now)
            swap(&moment.counters, &counters)
            swap(&moment.effects, &effects)
        }
    }

    // MARK: Questions

    /// The switches worth knowing after a restart, best first: they answered us. Those of the table come before others, who
    /// can be reached by everybody before who may sit behind a NAT, whom we have known longest before newcomers, and one
    /// of each neighbourhood of the address space before a second one.
    ///
    /// - Parameter limit: how many at the most.
    public func contacts(limit: Int) -> [Endpoint] { exchange.routing.contacts(limit: limit) }

    /// The lines with a use that the next life of this switch needs at the same address, at most
    /// ``LineLimits/rememberedLines``: those with taps before those of neighbours, older ones first. With switches of 2011
    /// nothing else works before they forget the old one. Those that understand trees are ours and need none: they begin
    /// anew at the first ring, and then we get their taps again at once.
    public func rememberedLines() -> [RememberedLine] { exchange.rememberedLines() }

    /// A picture for people and metrics. Costs as much as there are counters, buckets and proven lines.
    public func status(now: Instant) -> SwitchStatus { exchange.status(counters, now: now) }

    /// The rules that are broken, none in a faultless switch. Costs as much as there are lines.
    public func audit() -> [Excess] { exchange.audit() }

    /// `nil` where the switch neither listens to the end nor serves anybody.
    package func standing(of end: NodeID) -> TreeStanding? { exchange.standing(of: end) }

    /// Copies of messages that were sent so far, to whomever.
    package var copiesSent: UInt64 { counters[.copiesSent] }
}
