import Messages

/// How many authors were heard lately: in the time between one and two ``Limits/authorsTime``, as many as
/// ``Limits/authorsCounted``.
struct RecentAuthors: Sendable {
    private var new: Set<PublicKey> = []
    private var old: Set<PublicKey> = []
    private var since: ContinuousClock.Instant

    init(since start: ContinuousClock.Instant) { since = start }

    mutating func add(_ author: PublicKey, now: ContinuousClock.Instant) {
        turn(now)
        if new.count < Limits.authorsCounted { new.insert(author) }
    }

    mutating func count(now: ContinuousClock.Instant) -> Int {
        turn(now)
        return new.union(old).count
    }

    private mutating func turn(_ now: ContinuousClock.Instant) {
        let passed = since.duration(to: now)
        guard passed >= Limits.authorsTime else { return }
        old = passed < Limits.authorsTime * 2 ? new : []
        new = []
        since = now
    }
}
