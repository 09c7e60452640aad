import TelehashWire

/// What a switch knows about one remote address.
struct Line: Sendable {
    let endpoint: Endpoint
    let id: NodeID
    /// Tells this line from others that had the same slot before.
    let generation: UInt32
    let openedAt: Instant

    var proof: LineProof
    var window: LineWindow
    var queue = SignalQueue()
    var deliveries = DeliveryLog()
    /// Telexes that a proven peer may send us.
    var arrivals: TokenLevel

    /// The last telex that was not refused.
    @Packed var seenAt: Instant? = nil
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
    var tapHeld = OwnTaps.Selection()
    var namedBy: LineTable.Handle?

    /// Where the slot stands in the table's list of its level.
    private var position: Int32 = 0
    /// Dials since the line was opened that nothing came back for.
    private var dialsMissed: UInt8 = 0
    /// Telexes that seemed to be ours come back, with another ring.
    private var wrongEchoes: UInt8 = 0

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
        self.arrivals = TokenLevel(limits.lines.lineTelexes, now: now)
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

    /// When the peer was heard last, or might have been.
    var heardAt: Instant { seenAt ?? openedAt }

    func silence(now: Instant) -> Duration {
        heardAt.duration(to: now)
    }

    /// Since when one side said nothing. The peer forgets the line when it hears nothing of us, as we do when we hear
    /// nothing of it; a line that only one side remembers is worse than none, because what goes out over it is lost.
    var quietSince: Instant { isProven ? min(heardAt, sentAt ?? openedAt) : heardAt }
}

extension Line {
    /// Begins a telex: address, `.see`, `_line` when both rings are known and else our `_ring`, and `_br`.
    ///
    /// - Parameters:
    ///   - see: the switches that the telex names. A C program of 2011 reads them only as the second member.
    ///   - withRing: adds our `_ring` to the `_line`, for a peer that may not expect a `_line` any more.
    func beginTelex(
        naming see: [Endpoint]? = nil, withRing: Bool = false, capacity: Int = TelexWriter.headerCapacity
    ) -> TelexWriter {
        var writer = TelexWriter(capacity: capacity)
        writer.to(endpoint)
        if let see { writer.see(see) }
        let line = proof.line
        if let line { writer.line(line) }
        if line == nil || withRing { writer.ring(proof.ringOut) }
        writer.br(window.received)
        return writer
    }

    /// Begins the answer to a ring that differs from the proven line's: it carries the line that the peer must
    /// return, and counts nothing of what the peer before it sent.
    func beginChallenge(naming see: [Endpoint]? = nil) -> TelexWriter {
        var writer = TelexWriter(capacity: 256)
        writer.to(endpoint)
        if let see { writer.see(see) }
        if let line = proof.challengeLine { writer.line(line) }
        writer.br(0)
        return writer
    }

    /// Whether a telex that we sent to the address came back from it: the address is ours, or somebody reflects. A peer
    /// that drew the same ring by chance doesn't address itself. A ring has 15 bits, so a peer that guesses it is not believed.
    mutating func isEcho(_ telex: Telex, limits: Limits) -> Bool {
        guard let ring = telex.ring, !isProven, dialledAt != nil, telex.to == endpoint,
            wrongEchoes < limits.lines.wrongAnswersWhilePending
        else { return false }
        if ring != proof.ringOut { wrongEchoes += 1 }
        return ring == proof.ringOut
    }

    /// Bytes that the address may still get while it is unproven.
    func strangerAllowance(limits: Limits) -> Int {
        Int(strangerBytes.received) * limits.lines.strangerFactor - Int(strangerBytes.sent)
    }

    /// How long the line may be silent until it is dead.
    func patience(limits: Limits) -> Duration {
        !isProven && dialledAt == nil ? limits.lines.strangerSilence : limits.lines.lineSilence
    }
}

extension Telex {
    /// Whether somebody wants to know who is near an end: `+end` at hop 0, also when it comes with signals.
    var isQuestion: Bool { hop == 0 && signals["+end"] != nil }

    /// Whether it is all that receivers of 2011 say when we have lost the line: they take our ring for it, and without one
    /// they say nothing but their tap, twice a minute. They are rung up, or they would never hear anything again (part A,
    /// decision 17).
    var isBareTap: Bool { tap != nil && ring == nil && line == nil && hop == 0 && signals.isEmpty }
}

extension Signals {
    /// The end that they are for, if it is one.
    var end: NodeID? { self["+end"].flatMap(NodeID.init(hex:)) }

    /// Who is near an end?
    static func question(for end: NodeID) -> Signals { Signals(["+end": end.hex]) }
}
