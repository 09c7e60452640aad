/// Fingerprints that were seen a short while ago: a hash table over a ring of entries in the order of their arrival.
///
/// When it is full the oldest fingerprint is forgotten before its time: a repeat more, never a message less.
struct RecentSet: Sendable {
    private struct Entry: Sendable {
        let digest: UInt64
        let at: Instant
    }

    private let span: Duration
    private let capacity: Int
    private var entries: [Entry] = []
    private var head = 0
    /// Positions of ``entries`` by their digests.
    private var positions = NumberTable()

    /// Remembers for `span`, at most `capacity` fingerprints.
    init(span: Duration, capacity: Int) {
        self.span = span
        self.capacity = max(capacity, 1)
    }

    /// How many fingerprints are remembered.
    var count: Int { entries.count - head }

    /// Whether the fingerprint was seen within the span.
    mutating func contains(_ digest: UInt64, now: Instant) -> Bool {
        forget(now: now)
        return position(of: digest) != nil
    }

    /// Remembers the fingerprint. `false` when it was there already; its time stays that of the first arrival.
    mutating func insert(_ digest: UInt64, now: Instant) -> Bool {
        forget(now: now)
        guard position(of: digest) == nil else { return false }
        if count >= capacity { removeOldest() }
        entries.append(Entry(digest: digest, at: now))
        positions.insert(entries.count - 1) { [entries] in RecentSet.hash(entries[$0].digest) }
        return true
    }

    mutating func removeAll() { self = RecentSet(span: span, capacity: capacity) }

    private mutating func forget(now: Instant) {
        while head < entries.count, entries[head].at.duration(to: now) >= span { removeOldest() }
    }

    private mutating func removeOldest() {
        positions.remove(head) { [entries] in RecentSet.hash(entries[$0].digest) }
        head += 1
        // Shifting makes the table anew, so it waits until a quarter of what is left is gone.
        if head > 1024, head > count / 4 { shift() }
    }

    private func position(of digest: UInt64) -> Int? {
        positions.first(hash: RecentSet.hash(digest)) { entries[$0].digest == digest }
    }

    private mutating func shift() {
        entries.removeFirst(head)
        head = 0
        positions.removeAll()
        for position in entries.indices {
            positions.insert(position) { [entries] in RecentSet.hash(entries[$0].digest) }
        }
    }

    /// Digests of signals are keyed hashes; those of addresses are not, but few are remembered.
    private static func hash(_ digest: UInt64) -> Int { Int(truncatingIfNeeded: digest) }
}
