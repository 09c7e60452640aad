/// Fingerprints that were seen a short while ago.
///
/// When it is full the oldest fingerprint is forgotten before its time: a repeat more, never a message less.
struct RecentSet: Sendable {
    private let span: Duration
    private let capacity: Int
    private var digests: Set<UInt64> = []
    private var arrivals = TimedQueue<UInt64>()

    /// Remembers for `span`, at most `capacity` fingerprints.
    init(span: Duration, capacity: Int) {
        self.span = span
        self.capacity = max(capacity, 1)
    }

    /// How many fingerprints are remembered.
    var count: Int { digests.count }

    /// Whether the fingerprint was seen within the span.
    mutating func contains(_ digest: UInt64, now: Instant) -> Bool {
        forget(now: now)
        return digests.contains(digest)
    }

    /// Remembers the fingerprint. `false` when it was there already; its time stays that of the first arrival.
    mutating func insert(_ digest: UInt64, now: Instant) -> Bool {
        forget(now: now)
        guard !digests.contains(digest) else { return false }
        if count >= capacity { removeOldest() }
        digests.insert(digest)
        arrivals.insert(digest, at: now)
        return true
    }

    mutating func removeAll() { self = RecentSet(span: span, capacity: capacity) }

    private mutating func forget(now: Instant) {
        while let oldest = arrivals.first, oldest.at.duration(to: now) >= span { removeOldest() }
    }

    private mutating func removeOldest() {
        guard let oldest = arrivals.first else { return }
        arrivals.removeFirst()
        digests.remove(oldest.element)
        // A set that was large for a while is not so for ever.
        if digests.capacity > 64, count * 8 < digests.capacity { digests = Set(arrivals.elements) }
    }
}
