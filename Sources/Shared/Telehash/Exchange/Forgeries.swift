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
/// brought too many forgeries is *suspected* for a while: what comes from there is passed on only once an own receiver looked
/// at it, and only so much may wait for that, save what names authors with something taken lately. So a neighbour that
/// is deceived itself loses nothing but a moment, however long it lasts: nobody is ever cut off. When forgeries come from too
/// many at once, nobody's signals are passed on before somebody looked.
///
/// All this needs receivers that keep the end: where nobody judges, nobody is suspected.
struct Forgeries: Sendable {
    enum Reception: Sendable {
        /// Taken, and passed on at once.
        case open
        /// Taken, and passed on when an own receiver looked at them, if at all.
        case held
        /// Not taken: too much of this bringer waits to be judged.
        case throttled
    }

    /// The best copy of signals that wait for a judgement: the one over the fewest hops.
    struct Held: Sendable {
        let from: Endpoint
        let isProven: Bool
        let hop: Int
    }

    private struct Conduct: Sendable {
        /// Forgeries that it may still bring before it is suspected.
        var allowance: TokenLevel
        /// The same of signals that were refused without a look at their signature.
        var unchecked: TokenLevel
        /// Signals that it may still bring before one of them was taken, while it is suspected over a proven line.
        var credit: TokenLevel
        var suspectedUntil = Instant.zero
    }

    private let limits: ExchangeLimits
    private var conducts: ShortMemory<Bringer, Conduct>
    /// Of all suspects without a proven line together: an address that nobody proved is not to pay for what is said in its name.
    private var creditOfStrangers: TokenLevel
    /// Authors with something taken, by their fingerprints, and what suspects may still bring in each one's name
    /// beyond their credit.
    private var authors: ShortMemory<UInt64, TokenLevel>
    /// Fingerprints of forgeries: the same again need not be judged again.
    private var forged: RecentSet<UInt64>
    /// What waits for a judgement, by its fingerprint. Copies that somebody else brings wait as well, or a forger's second
    /// address would have them passed on.
    private var held: ShortMemory<UInt64, Held>
    /// Forgeries that may be passed on by mistake, from all bringers together.
    private var leaks: TokenBucket
    /// The same of what nobody checked.
    private var uncheckedLeaks: TokenBucket
    private var waryUntil = Instant.zero

    init(limits: Limits, now: Instant) {
        let figures = limits.exchange
        self.limits = figures
        conducts = ShortMemory(span: figures.conductMemory, capacity: figures.conductsRemembered, now: now)
        creditOfStrangers = TokenLevel(figures.suspectSignals, now: now)
        authors = ShortMemory(span: figures.authorMemory, capacity: figures.authorsRemembered, now: now)
        forged = RecentSet(span: figures.deliverOnce, capacity: figures.rememberedSignals)
        held = ShortMemory(span: figures.suspicion, capacity: figures.heldSignals, now: now)
        leaks = TokenBucket(figures.forgeriesOfAll, now: now)
        uncheckedLeaks = TokenBucket(figures.uncheckedOfAll, now: now)
    }

    /// How many are remembered.
    var count: (bringers: Int, authors: Int, forged: Int, held: Int) {
        (conducts.count, authors.count, forged.count, held.count)
    }

    /// Whether the same signals were found forged before. Bringing them again is charged again.
    mutating func knows(_ digest: UInt64, by bringer: Bringer, _ moment: inout Moment) -> Bool {
        guard forged.count > 0, forged.contains(digest, now: moment.now) else { return false }
        blame(bringer, &moment)
        return true
    }

    /// Signals of an end of ours came that are not known to be forged.
    ///
    /// - Parameters:
    ///   - author: the fingerprint of the author that they name.
    mutating func receive(
        _ digest: UInt64, _ copy: Held, isNews: Bool, by bringer: Bringer, author: @autoclosure () -> UInt64,
        now: Instant
    ) -> Reception {
        let isSuspect = isSuspected(bringer, now: now)
        if isSuspect, isNews, !takeCredit(of: bringer, author: author, now: now) { return .throttled }
        let isHeld = isSuspect || waryUntil > now
        guard isHeld || held.count > 0 else { return .open }
        let other = held.value(of: digest, now: now)
        if other != nil || (isHeld && isNews) {
            held.set(other.map { Self.better($0, copy) } ?? copy, for: digest, now: now)
        }
        return isHeld || other != nil ? .held : .open
    }

    /// Signals need not wait any longer.
    ///
    /// - Returns: the best copy that came; nil when none waits.
    mutating func release(_ digest: UInt64, now: Instant) -> Held? {
        guard held.count > 0 else { return nil }
        return held.removeValue(of: digest, now: now)
    }

    static func better(_ one: Held, _ other: Held) -> Held {
        (other.hop, other.isProven ? 0 : 1) < (one.hop, one.isProven ? 0 : 1) ? other : one
    }

    private mutating func isSuspected(_ bringer: Bringer, now: Instant) -> Bool {
        guard conducts.count > 0, let conduct = conducts.value(of: bringer, now: now) else { return false }
        return conduct.suspectedUntil > now
    }

    private mutating func takeCredit(of bringer: Bringer, author: () -> UInt64, now: Instant) -> Bool {
        if !bringer.isProven {
            if creditOfStrangers.take(of: limits.suspectSignals, now: now) { return true }
        } else if var conduct = conducts.value(of: bringer, now: now) {
            let isLeft = conduct.credit.take(of: limits.suspectSignals, now: now)
            conducts.set(conduct, for: bringer, now: now)
            if isLeft { return true }
        }
        let author = author()
        guard var level = authors.value(of: author, now: now), level.take(of: limits.suspectSignalsOfAuthor, now: now)
        else { return false }
        authors.set(level, for: author, now: now)
        return true
    }

    /// An own receiver took what somebody brought.
    mutating func didTake(from bringer: Bringer, author: UInt64, now: Instant) {
        var level = authors.value(of: author, now: now) ?? TokenLevel(limits.suspectSignalsOfAuthor, now: now)
        level.giveBack(of: limits.suspectSignalsOfAuthor)
        authors.set(level, for: author, now: now)
        giveBackCredit(of: bringer, now: now)
    }

    /// What a bringer's credit was taken for is settled, and was no forgery: the credit is for what waits to be judged.
    mutating func giveBackCredit(of bringer: Bringer, now: Instant) {
        guard bringer.isProven else { return creditOfStrangers.giveBack(of: limits.suspectSignals) }
        guard conducts.count > 0, var conduct = conducts.value(of: bringer, now: now) else { return }
        conduct.credit.giveBack(of: limits.suspectSignals)
        conducts.set(conduct, for: bringer, now: now)
    }

    /// An own receiver found a signature wrong. Several may say so of the same signals.
    mutating func didFind(_ token: DeliveryToken, _ moment: inout Moment) {
        guard forged.insert(token.digest, now: moment.now) else { return }
        moment.count(.signalsForged)
        // What was held could not leak.
        if !token.isHeld, !leaks.take(now: moment.now) { waryUntil = moment.now.advanced(by: limits.suspicion) }
        blame(token.bringer, &moment)
    }

    /// An own receiver refused signals for a reason of its own, without a look at the signature: that way a forger could have
    /// anything passed on. A peer that brings much of it is suspected as well, which costs what is taken a moment. Where many bring a
    /// little each, all wait that moment, or the next switch would take us for such a peer.
    mutating func didNotCheck(_ token: DeliveryToken, _ moment: inout Moment) {
        if token.isHeld {
            giveBackCredit(of: token.bringer, now: moment.now)
        } else if !uncheckedLeaks.take(now: moment.now) {
            waryUntil = moment.now.advanced(by: limits.suspicion)
        }
        blame(token.bringer, isForged: false, &moment)
    }

    private mutating func blame(_ bringer: Bringer, isForged: Bool = true, _ moment: inout Moment) {
        let now = moment.now
        var conduct =
            conducts.value(of: bringer, now: now)
            ?? Conduct(
                allowance: TokenLevel(limits.forgeriesOfOne, now: now),
                unchecked: TokenLevel(limits.uncheckedOfOne, now: now),
                credit: TokenLevel(limits.suspectSignals, now: now))
        defer { conducts.set(conduct, for: bringer, now: now) }
        let wasSuspected = conduct.suspectedUntil > now
        let isAllowed =
            isForged
            ? conduct.allowance.take(of: limits.forgeriesOfOne, now: now) && !wasSuspected
            : conduct.unchecked.take(of: limits.uncheckedOfOne, now: now)
        guard !isAllowed else { return }
        conduct.suspectedUntil = now.advanced(by: limits.suspicion)
        guard !wasSuspected else { return }
        moment.count(.bringersSuspected)
        conduct.credit = TokenLevel(limits.suspectSignals, now: now)
    }
}
