import TelehashWire

/// What a switch knows about one remote address.
struct Line: Sendable {
    let endpoint: Endpoint
    /// The address's place on the ring.
    let id: NodeID
    /// Tells this line from others that had the same slot before.
    let generation: UInt32
    let openedAt: Instant

    var proof: LineProof
    var window: LineWindow
    var queue = SignalQueue()
    var deliveries = DeliveryLog()
    /// Telexes that a proven peer may send us.
    private var arrivals: TokenLevel

    /// The last telex that was not refused.
    @Packed var seenAt: Instant? = nil
    /// When the last telex went out.
    @Packed var sentAt: Instant? = nil
    @Packed var dialledAt: Instant? = nil
    /// When the next probe will be considered.
    @Packed var probePlannedAt: Instant? = nil
    /// Changed by ``Lines/planKeepalive(on:at:)`` only.
    var keepaliveAt: Instant
    /// When the line is looked at if nothing happens until then; whatever makes it later may come meanwhile.
    var lookAt = Instant.distantFuture

    /// Bytes of unproven telexes from the address, and of what they were answered with.
    private(set) var strangerBytes: (received: UInt32, sent: UInt32) = (0, 0)

    /// The end that the last dial asked for: asked again when the peer greets us through a `+pop`.
    var dialledEnd: NodeID?
    /// Which of our taps the peer has.
    var tapHeld = OwnTaps.Selection()
    /// Who named the address to us.
    var namedBy: LineTable.Handle?

    /// Where the slot stands in the table's list of its level.
    private var position: Int32 = 0
    /// Dials since the line was opened that nothing came back for.
    private var dialsMissed: UInt8 = 0

    /// Whether the slot holds a line; else it waits for the next one.
    var isOpen = true
    var isSeed: Bool
    /// Whether the peer asked us something over the proven line.
    var hasAsked = false
    /// Whether the peer greeted us before it answered: somebody had to ask it to.
    var wasGreeted = false
    /// Whether the line was proven by the answer to a dial that came to the peer unasked.
    var wasReached = false

    /// Whether it understands trees of tappers, as no switch of 2011 does.
    var speaksOfTrees = false

    init(
        endpoint: Endpoint, generation: UInt32, ringOut: Int, remembered: RememberedLine? = nil, isSeed: Bool,
        now: Instant, limits: Limits
    ) {
        self.endpoint = endpoint
        self.id = endpoint.nodeID
        self.generation = generation
        self.openedAt = now
        self.proof = LineProof(ringOut: remembered?.ringOut ?? ringOut, remembered: remembered?.ringIn)
        self.window = LineWindow(now: now, remembered: remembered, limits: limits)
        self.arrivals = TokenLevel(limits.lineTelexRate, now: now)
        self.isSeed = isSeed
        self.keepaliveAt = now
    }

    /// What a slot holds that is free.
    static let closed: Line = {
        guard let nowhere = Endpoint(ipv4: 0, port: 1) else { preconditionFailure("1 is a port") }
        var line = Line(endpoint: nowhere, generation: 0, ringOut: 0, isSeed: false, now: .zero, limits: .default)
        line.isOpen = false
        return line
    }()

    var isProven: Bool { proof.isProven }

    var listPosition: Int {
        get { Int(position) }
        set { position = Int32(newValue) }
    }

    var unansweredDials: Int {
        get { Int(dialsMissed) }
        set { dialsMissed = UInt8(clamping: newValue) }
    }

    /// Counts bytes of an unproven telex, up to a gigabyte: what is answered stays below three times that, and fits.
    mutating func didReceiveFromStranger(_ bytes: Int) {
        strangerBytes.received = min(strangerBytes.received &+ UInt32(clamping: bytes), .max / 4)
    }

    mutating func didSendToStranger(_ bytes: Int) {
        strangerBytes.sent &+= UInt32(clamping: bytes)
    }

    /// Counts a telex of a proven peer; `false` when it sends too many.
    mutating func admitsArrival(now: Instant, limits: Limits) -> Bool {
        arrivals.take(of: limits.lineTelexRate, now: now)
    }

    /// When the peer was heard last, or might have been.
    var heardAt: Instant { seenAt ?? openedAt }

    /// When something has to be done about a proven line if nothing comes or goes until then; `nil` when something waits
    /// to go out.
    ///
    /// - Parameters:
    ///   - silence: after which the line is dead.
    ///   - window: bytes that may be unreported.
    func rest(until silence: Duration, window: Int) -> Instant? {
        guard queue.isEmpty, (self.window.inFlight ?? 0) <= window else { return nil }
        return min(quietSince.advanced(by: silence), keepaliveAt)
    }

    /// How long nothing was heard.
    func silence(now: Instant) -> Duration {
        heardAt.duration(to: now)
    }

    /// Since when one side said nothing. The peer forgets the line when it hears nothing of us, as we do when we hear
    /// nothing of it; a line that only one side remembers is worse than none, because what goes out over it is lost.
    var quietSince: Instant { isProven ? min(heardAt, sentAt ?? openedAt) : heardAt }
}

extension Limits {
    fileprivate var lineTelexRate: TokenRate {
        TokenRate(perSecond: self.lines.lineTelexesPerSecond, burst: self.lines.lineTelexBurst)
    }
}
