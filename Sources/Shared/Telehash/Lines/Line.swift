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
    var arrivals: TokenBucket

    /// The last telex that was not refused.
    var seenAt: Instant?
    /// Bytes of unproven telexes from the address, and of what they were answered with.
    var strangerBytes = (received: 0, sent: 0)

    /// Whether the peer ever named switches to us over the proven line: only then does it take part in the DHT. A
    /// receiver of 2011 has a line and a tap, but answers nothing.
    var isSwitch = false
    /// Whether the peer asked us something over the proven line.
    var hasAsked = false
    let isSeed: Bool
    /// Our address as the peer sees it.
    var tellsUs: Endpoint?

    /// Dials since the line was opened that nothing came back for.
    var unansweredDials = 0
    var dialledAt: Instant?
    /// The end that the last dial asked for: asked again when the peer greets us through a `+pop`.
    var dialledEnd: NodeID?
    /// Who named the address to us.
    var namedBy: LineTable.Handle?
    /// Whether the peer greeted us before it answered: somebody had to ask it to.
    var wasGreeted = false
    /// Whether the line was proven by the answer to a dial that came to the peer unasked.
    var wasReached = false
    /// When the last telex went out.
    var sentAt: Instant?
    /// When the next probe will be considered.
    var probePlannedAt: Instant?

    var keepaliveAt: Instant
    /// Which of our taps the peer has.
    var tapHeld = OwnTaps.Selection()

    /// Where the slot stands in the table's list of its level.
    var listPosition = 0

    init(
        endpoint: Endpoint, generation: UInt32, ringOut: Int, isSeed: Bool, now: Instant, limits: Limits
    ) {
        self.endpoint = endpoint
        self.id = endpoint.nodeID
        self.generation = generation
        self.openedAt = now
        self.proof = LineProof(ringOut: ringOut)
        self.window = LineWindow(now: now, limits: limits)
        self.arrivals = TokenBucket(perSecond: limits.lineTelexesPerSecond, burst: limits.lineTelexBurst, now: now)
        self.isSeed = isSeed
        self.keepaliveAt = now
    }

    var isProven: Bool { proof.isProven }

    /// When the peer was heard last, or might have been.
    var heardAt: Instant { seenAt ?? openedAt }

    /// When something has to be done about a proven line if nothing comes or goes until then; `nil` when something waits
    /// to go out. Most lines rest at most looks, so this costs no more than it reads.
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
