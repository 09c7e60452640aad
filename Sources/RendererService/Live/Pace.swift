import ServiceRuntime

/// Whether live messages are told one by one, or only how many there are.
///
/// Nobody reads a hundred messages a second, and to send each of them to each reader multiplies whatever somebody floods
/// the wall with. So what is more than ``Limits/liveRate`` is counted, and the count told now and then, until it is over.
struct Pace {
    /// What was counted.
    struct Count: Hashable, Sendable {
        var messages: Int
        /// The last place that readers were told before.
        let after: EventID
        /// The place of the last one that was counted.
        var last: EventID

        /// Whether these can be told one by one.
        var isFew: Bool { Double(messages) <= Limits.liveRate.perSecond * Double(Limits.countSeconds) }
    }

    private var tokens = Limits.liveRate.burst
    private var filled: ContinuousClock.Instant?
    private var count: Count?
    private var isCounting = false

    /// - Parameters:
    ///   - place: of the message.
    ///   - before: the place of the one before; nil where none is known.
    /// - Returns: whether the message is told by itself.
    mutating func admits(_ place: EventID, after before: EventID?, now: ContinuousClock.Instant) -> Bool {
        if !isCounting, takeToken(now: now) { return true }
        isCounting = true
        let start = before ?? EventID(store: place.store, position: place.position - min(place.position, 1))
        count = Count(messages: (count?.messages ?? 0) + 1, after: count?.after ?? start, last: place)
        return false
    }

    /// What was counted since this was asked last; asked every ``Limits/countSeconds``. Where that is no more than can be
    /// told one by one, the next ones are.
    mutating func takeCount(now: ContinuousClock.Instant) -> Count? {
        guard isCounting else { return nil }
        defer { count = nil }
        if count?.isFew ?? true {
            isCounting = false
            (tokens, filled) = (Limits.liveRate.perSecond, now)
        }
        return count
    }

    private mutating func takeToken(now: ContinuousClock.Instant) -> Bool {
        let elapsed = filled.map { max(0, $0.duration(to: now).inSeconds) } ?? 0
        tokens = min(Limits.liveRate.burst, tokens + elapsed * Limits.liveRate.perSecond)
        filled = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
