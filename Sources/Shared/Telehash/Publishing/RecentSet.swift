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
    /// Open addressing with linear probing; holds positions of `entries` plus one, 0 is free. Its size is a power of
    /// two and at least twice the number of entries.
    private var table: [Int32] = []

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
        return place(of: digest).found
    }

    /// Remembers the fingerprint. `false` when it was there already; its time stays that of the first arrival.
    mutating func insert(_ digest: UInt64, now: Instant) -> Bool {
        forget(now: now)
        if place(of: digest).found { return false }
        if count >= capacity { removeOldest() }
        if (count + 1) * 2 > table.count || entries.count >= Int(Int32.max) - 1 { rebuild() }
        entries.append(Entry(digest: digest, at: now))
        table[place(of: digest).index] = Int32(entries.count)
        return true
    }

    private mutating func forget(now: Instant) {
        while head < entries.count, entries[head].at.duration(to: now) >= span { removeOldest() }
    }

    private mutating func removeOldest() {
        removeFromTable(entries[head].digest)
        head += 1
        // Shifting costs a rebuild, so it waits until a quarter of what is left is gone.
        if head > 1024, head > count / 4 { rebuild() }
    }

    private func place(of digest: UInt64) -> (index: Int, found: Bool) {
        guard !table.isEmpty else { return (0, false) }
        let mask = table.count - 1
        var index = Int(truncatingIfNeeded: digest) & mask
        while table[index] != 0 {
            if entries[Int(table[index]) - 1].digest == digest { return (index, true) }
            index = (index + 1) & mask
        }
        return (index, false)
    }

    /// Removes without a tombstone: later entries of the same run move up where their place allows it.
    private mutating func removeFromTable(_ digest: UInt64) {
        let (position, found) = place(of: digest)
        guard found else { return }
        let mask = table.count - 1
        var gap = position
        var index = (gap + 1) & mask
        while table[index] != 0 {
            let home = Int(truncatingIfNeeded: entries[Int(table[index]) - 1].digest) & mask
            if (index - home) & mask >= (index - gap) & mask {
                table[gap] = table[index]
                gap = index
            }
            index = (index + 1) & mask
        }
        table[gap] = 0
    }

    private mutating func rebuild() {
        entries.removeFirst(head)
        head = 0
        var size = 64
        while size < (entries.count + 1) * 3 { size *= 2 }
        table = Array(repeating: 0, count: size)
        for (position, entry) in entries.enumerated() {
            table[place(of: entry.digest).index] = Int32(position + 1)
        }
    }
}
