import TelehashWire

/// Who brought signals: an address, and whether it was proven. Anybody can bring something in the name of an address that
/// is not, so that is counted apart.
struct Bringer: Hashable, Sendable {
    let source: AddressSource
    let isProven: Bool

    init(_ endpoint: Endpoint, isProven: Bool) {
        source = endpoint.source
        self.isProven = isProven
    }
}

/// Who brings signals whose signature is wrong, and what that costs them (T29).
///
/// A switch checks no signature, and passes on at once what it gets: each neighbour would take it for the forger's
/// accomplice. Its receivers say a moment later what they found (``Switch/didJudge(_:_:as:now:using:into:)``). Whoever
/// brought too many forgeries is *suspected* for a while: what comes from there is passed on only once an own receiver took
/// it, and only so much may wait for that. So a neighbour that was deceived itself loses nothing but a moment. Whoever goes
/// on and brings nothing good is not heard for a growing while. When forgeries come from too many at once, nobody's signals
/// are passed on before they were taken.
///
/// All this needs receivers that keep the end: where nobody judges, nobody is suspected.
struct Forgeries: Sendable {
    enum Reception: Sendable {
        /// Taken, and passed on at once.
        case open
        /// Taken, and passed on when an own receiver took them, if at all.
        case held
        /// Not taken: too much of this bringer waits to be judged.
        case throttled
    }

    private struct Conduct: Sendable {
        /// Forgeries that it may still bring before it is suspected.
        var allowance: TokenLevel
        /// Signals that it may still bring before one of them was taken, while it is suspected.
        var credit: TokenLevel
        var suspectedUntil = Instant.zero
        /// Seconds in which it brought forgeries under suspicion, since it last brought anything good.
        var forgedSeconds = 0
        @Packed var countedAt: Instant? = nil
        var pausedUntil = Instant.zero
        var pauses = 0
    }

    private let limits: Limits
    private var conducts: ShortMemory<Bringer, Conduct>
    /// Fingerprints of forgeries: the same again need not be judged again.
    private var forged: RecentSet<UInt64>
    /// Fingerprints of what waits for a judgement. Copies that somebody else brings wait as well, or a forger's second
    /// address would have them passed on.
    private var held: RecentSet<UInt64>
    /// Forgeries that may be passed on by mistake, whoever brought them.
    private var leaks: TokenBucket
    private var waryUntil = Instant.zero

    init(limits: Limits, now: Instant) {
        self.limits = limits
        let figures = limits.exchange
        conducts = ShortMemory(span: figures.conductMemory, capacity: figures.conductsRemembered, now: now)
        forged = RecentSet(span: figures.deliverOnce, capacity: figures.rememberedSignals)
        held = RecentSet(span: figures.suspicion, capacity: figures.heldSignals)
        leaks = TokenBucket(figures.forgeriesOfAll, now: now)
    }

    /// How many are remembered.
    var count: (bringers: Int, forged: Int, held: Int) { (conducts.count, forged.count, held.count) }

    /// Whether nothing is taken of a bringer for now.
    mutating func isPaused(_ bringer: Bringer, now: Instant) -> Bool {
        guard conducts.count > 0, let conduct = conducts.value(of: bringer, now: now) else { return false }
        return conduct.pausedUntil > now
    }

    /// Whether the same signals were found forged before. Whoever brings them again is charged again.
    mutating func knows(_ digest: UInt64, by bringer: Bringer, _ moment: inout Moment) -> Bool {
        guard forged.count > 0, forged.contains(digest, now: moment.now) else { return false }
        blame(bringer, &moment)
        return true
    }

    /// Signals of an end of ours came that are not known to be forged.
    mutating func receive(_ digest: UInt64, isNews: Bool, by bringer: Bringer, now: Instant) -> Reception {
        var isHeld = waryUntil > now
        if conducts.count > 0, var conduct = conducts.value(of: bringer, now: now), conduct.suspectedUntil > now {
            isHeld = true
            if isNews {
                guard conduct.credit.take(of: credit(of: bringer), now: now) else { return .throttled }
                conducts.set(conduct, for: bringer, now: now)
            }
        }
        if isHeld, isNews { _ = held.insert(digest, now: now) }
        return isHeld || (held.count > 0 && held.contains(digest, now: now)) ? .held : .open
    }

    /// An own receiver took what somebody brought.
    mutating func didTake(from bringer: Bringer, now: Instant) {
        guard conducts.count > 0, var conduct = conducts.value(of: bringer, now: now) else { return }
        conduct.credit.giveBack(of: credit(of: bringer))
        conduct.forgedSeconds = 0
        conducts.set(conduct, for: bringer, now: now)
    }

    /// An own receiver found a signature wrong. Several may say so of the same signals.
    mutating func didFind(_ digest: UInt64, by bringer: Bringer, _ moment: inout Moment) {
        guard forged.insert(digest, now: moment.now) else { return }
        moment.count(.signalsForged)
        if !leaks.take(now: moment.now) { waryUntil = moment.now.advanced(by: limits.exchange.suspicion) }
        blame(bringer, &moment)
    }

    private func credit(of bringer: Bringer) -> TokenRate {
        bringer.isProven ? limits.exchange.suspectSignals : limits.exchange.suspectStrangerSignals
    }

    private mutating func blame(_ bringer: Bringer, _ moment: inout Moment) {
        let (now, figures) = (moment.now, limits.exchange)
        var conduct =
            conducts.value(of: bringer, now: now)
            ?? Conduct(
                allowance: TokenLevel(figures.forgeriesOfOne, now: now),
                credit: TokenLevel(credit(of: bringer), now: now))
        defer { conducts.set(conduct, for: bringer, now: now) }
        let wasSuspected = conduct.suspectedUntil > now
        guard !conduct.allowance.take(of: figures.forgeriesOfOne, now: now) || wasSuspected else { return }
        conduct.suspectedUntil = max(conduct.suspectedUntil, now.advanced(by: figures.suspicion))
        if !wasSuspected {
            moment.count(.bringersSuspected)
            conduct.credit = TokenLevel(credit(of: bringer), now: now)
        }
        // Those of the same second are one: a burst passes an honest neighbour before it is warned.
        guard conduct.countedAt.map({ $0.duration(to: now) >= .seconds(1) }) ?? true else { return }
        conduct.countedAt = now
        conduct.forgedSeconds += 1
        guard conduct.forgedSeconds >= figures.forgedSecondsUntilPause else { return }
        let pause = min(figures.firstPause * (1 << min(conduct.pauses, 8)), figures.longestPause)
        conduct.pauses += 1
        conduct.forgedSeconds = 0
        conduct.pausedUntil = now.advanced(by: pause)
        conduct.suspectedUntil = conduct.pausedUntil.advanced(by: figures.suspicion)
    }
}
