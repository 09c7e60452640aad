import TelehashWire

/// The rings of one line and what they prove (part A, rule 2).
///
/// A ring from an address proves nothing, because the source of a datagram can be forged. A `_line` that contains
/// *our* ring, from that address, shows that whoever sits there received it.
struct LineProof: Sendable {
    /// What a telex's `_ring` and `_line` say about its sender.
    enum Verdict: Equatable, Sendable {
        /// It carries the line of a proven peer.
        case authentic
        /// It carries the line for the first time: the line is proven from now on.
        case proved
        /// It carries the line of a challenge: the peer started anew and the line is proven afresh.
        case restarted
        /// It proves nothing but may be read: a stranger, or the first seconds of a line.
        case bare
        /// As ``bare``, with a ring that differs from the proven line's: to be answered with the challenge's line.
        case challenged
        case refused(Counter)

        /// Whether the sender is proven to sit at the address.
        var isAuthentic: Bool { self == .authentic || self == .proved || self == .restarted }
    }

    /// A second exchange of rings beside a proven line. Only its completion replaces the line, so a forged ring can't.
    private struct Challenge: Sendable {
        let rings: Rings
        let at: Instant
        var wrong: UInt8 = 0
    }

    /// Ours, and the peer's, 0 while it is not known: 15 bits each, kept small because there is a line for each peer.
    private struct Rings: Sendable {
        var out: Int32
        var `in`: Int32 = 0

        var line: Int? { `in` == 0 ? nil : Int(out) * Int(`in`) }
    }

    private(set) var wrongLines = WrongLines()
    private(set) var isProven = false
    private var wrongWhilePending: UInt8 = 0
    private var rings: Rings
    @Packed private var ringInAt: Instant? = nil
    @Packed private var provenAt: Instant? = nil
    @Packed private var ringSentAt: Instant? = nil
    private var challenge: Challenge?
    /// The peer's ring in a line of an earlier life, 0 where there was none.
    private var rememberedIn: UInt16 = 0
    /// Whether we still speak that line; the peer may at any time.
    private var speaksRemembered = false

    /// - Parameter remembered: the peer's ring in a line of an earlier life that had `ringOut`. The peer proves the line by
    ///   it as by an answer.
    init(ringOut: Int, remembered: Int? = nil) {
        rings = Rings(out: Int32(clamping: ringOut))
        guard let remembered else { return }
        rememberedIn = UInt16(clamping: remembered)
        speaksRemembered = true
    }

    var ringOut: Int { Int(rings.out) }

    private(set) var ringIn: Int? {
        get { rings.in == 0 ? nil : Int(rings.in) }
        set { rings.in = newValue.map(Int32.init(clamping:)) ?? 0 }
    }

    static func drawRing(using random: inout some RandomNumberGenerator) -> Int {
        Int.random(in: 1...WireLimits.largestRing, using: &random)
    }

    /// The product of both rings, once the peer's is known.
    var line: Int? { rings.line ?? (speaksRemembered ? rememberedLine : nil) }

    private var rememberedLine: Int? { rememberedIn == 0 ? nil : Int(rings.out) * Int(rememberedIn) }

    /// The peer does not answer to the line of an earlier life: we ring it anew.
    mutating func giveUpRemembered() {
        speaksRemembered = false
    }

    var challengeLine: Int? { challenge?.rings.line }

    /// Whether commands of an authentic telex are honoured.
    var honoursCommands: Bool { isProven && !wrongLines.isLockedOut }

    /// Our ring went out to the peer: for some seconds its bare `_line` is believed.
    mutating func ringWasSent(now: Instant) {
        ringSentAt = now
        wrongWhilePending = 0
    }

    func isPending(now: Instant, limits: Limits) -> Bool {
        guard let sent = ringSentAt else { return false }
        return sent.duration(to: now) <= limits.lines.ringPending
    }

    /// The peer uses a line of a time that we don't remember.
    mutating func expectStaleLine(_ line: Int) {
        wrongLines.expect(line)
    }

    mutating func admit(
        ring: Int?, line: Int?, now: Instant, limits: Limits, using random: inout some RandomNumberGenerator
    ) -> Verdict {
        wrongLines.forget(now: now, limits: limits)
        if let line { return admit(line: line, ring: ring, now: now, limits: limits, using: &random) }
        if let ring { return admit(ring: ring, now: now, limits: limits, using: &random) }
        guard let provenAt, provenAt.duration(to: now) > limits.lines.strictLineAge else { return .bare }
        return .refused(.lineMissing)
    }
}

// MARK: - A telex with `_line`

extension LineProof {
    private mutating func admit(
        line: Int, ring: Int?, now: Instant, limits: Limits, using random: inout some RandomNumberGenerator
    ) -> Verdict {
        guard let ringIn = ringIn ?? ring else { return admit(answer: line, now: now, limits: limits) }
        if line == ringIn * ringOut {
            guard ring == nil || ring == ringIn else { return .refused(.ringWrong) }
            if isProven { return .authentic }
            guard !wrongLines.isLockedOut else { return .refused(.lineLockedOut) }
            return prove(with: ringIn, now: now)
        }
        if let open = challenge, open.at.duration(to: now) <= limits.lines.challengeInterval,
            open.wrong < limits.lines.wrongAnswersWhilePending
        {
            if line == open.rings.line { return complete(open, now: now) }
            challenge?.wrong += 1
        }
        guard !isProven, ring == self.ringIn || mayHaveAnotherRing(now: now, limits: limits) else {
            return refuse(line, as: .lineWrong, now: now, limits: limits)
        }
        // What it showed long ago says nothing about its line of today.
        guard let ring else { return admit(answer: line, now: now, limits: limits) }
        // It dials us with a line from before our ring. The guess counts; for the rest that is a ring like any other.
        let refusal = refuse(line, as: .lineWrong, now: now, limits: limits)
        return wrongLines.isLockedOut ? refusal : admit(ring: ring, now: now, limits: limits, using: &random)
    }

    /// Whether the peer may have drawn another ring since it showed us one: peers forget a line that was not proven, and
    /// then they draw a ring again. Not while an answer to the ring may come, or a forger could spoil a dial.
    private func mayHaveAnotherRing(now: Instant, limits: Limits) -> Bool {
        (ringInAt ?? ringSentAt).map { $0.duration(to: now) > limits.lines.ringPending } ?? false
    }

    /// The peer answers our ring with the product and never shows its own: the normal case for whoever dials.
    private mutating func admit(answer line: Int, now: Instant, limits: Limits) -> Verdict {
        if line == rememberedLine, !wrongLines.isLockedOut { return prove(with: Int(rememberedIn), now: now) }
        guard isPending(now: now, limits: limits), !wrongLines.isLockedOut,
            wrongWhilePending < limits.lines.wrongAnswersWhilePending
        else { return refuse(line, as: .lineUnexpected, now: now, limits: limits) }
        let (quotient, remainder) = line.quotientAndRemainder(dividingBy: ringOut)
        if remainder == 0, (1...WireLimits.largestRing).contains(quotient) { return prove(with: quotient, now: now) }
        let verdict = refuse(line, as: .lineWrong, now: now, limits: limits)
        if verdict != .refused(.lineStale) { wrongWhilePending += 1 }
        return verdict
    }

    private mutating func prove(with ring: Int, now: Instant) -> Verdict {
        ringIn = ring
        ringInAt = now
        isProven = true
        provenAt = now
        return .proved
    }

    private mutating func complete(_ open: Challenge, now: Instant) -> Verdict {
        rings = open.rings
        ringInAt = now
        provenAt = now
        challenge = nil
        wrongLines = WrongLines()
        return .restarted
    }

    private mutating func refuse(_ line: Int, as reason: Counter, now: Instant, limits: Limits) -> Verdict {
        let isBlind = isProven && ringIn.map { line % $0 != 0 || line / $0 > WireLimits.largestRing } ?? false
        let isNew = wrongLines.record(line, isBlind: isBlind, now: now, limits: limits)
        return .refused(isNew ? reason : .lineStale)
    }
}

// MARK: - A telex with `_ring` only

extension LineProof {
    private mutating func admit(
        ring: Int, now: Instant, limits: Limits, using random: inout some RandomNumberGenerator
    ) -> Verdict {
        if isProven { return admit(anotherRing: ring, now: now, limits: limits, using: &random) }
        if let known = ringIn, known != ring {
            guard mayHaveAnotherRing(now: now, limits: limits) else { return .refused(.ringChanged) }
        }
        guard !wrongLines.isLockedOut else { return .refused(.lineLockedOut) }
        if ringIn != ring {
            ringIn = ring
            ringInAt = now
        }
        return .bare
    }

    private mutating func admit(
        anotherRing ring: Int, now: Instant, limits: Limits, using random: inout some RandomNumberGenerator
    ) -> Verdict {
        if ring == ringIn, let provenAt, provenAt.duration(to: now) <= limits.lines.strictLineAge { return .bare }
        if let open = challenge, open.at.duration(to: now) <= limits.lines.challengeInterval {
            return Int(open.rings.in) == ring ? .challenged : .refused(.ringChanged)
        }
        guard !wrongLines.isLockedOut else { return .refused(.ringChanged) }
        let drawn = Int32(clamping: LineProof.drawRing(using: &random))
        challenge = Challenge(rings: Rings(out: drawn, in: Int32(clamping: ring)), at: now)
        return .challenged
    }
}
