import TelehashWire

/// What was delivered and is not judged yet, and who else brought it meanwhile. Where it is refused for the sake of its
/// bringer, the next one's copy counts: else who is refused anyway could bring others' messages first, and have them refused.
struct Undecided: Sendable {
    private struct Entry: Sendable {
        let signals: Signals
        let first: Bringer
        var next: Forgeries.Held?
    }

    private var entries: ShortMemory<UInt64, Entry>

    init(limits: Limits, now: Instant) {
        entries = ShortMemory(
            span: limits.exchange.judgementTime, capacity: limits.exchange.undecidedSignals, now: now)
    }

    var count: Int { entries.count }

    mutating func begin(_ digest: UInt64, _ signals: Signals, by bringer: Bringer, now: Instant) {
        _ = entries.value(of: digest, now: now)
        entries.set(Entry(signals: signals, first: bringer), for: digest, now: now)
    }

    /// Another copy came.
    mutating func note(_ digest: UInt64, _ copy: Forgeries.Held, by bringer: Bringer, now: Instant) {
        guard var entry = entries.value(of: digest, now: now), entry.next == nil, entry.first != bringer else { return }
        entry.next = copy
        entries.set(entry, for: digest, now: now)
    }

    mutating func end(_ digest: UInt64, now: Instant) { _ = entries.removeValue(of: digest, now: now) }

    /// The signals are refused for the sake of who brought them.
    ///
    /// - Returns: nil where nobody else has brought them yet.
    mutating func next(_ digest: UInt64, now: Instant) -> (signals: Signals, copy: Forgeries.Held)? {
        guard let entry = entries.removeValue(of: digest, now: now), let next = entry.next else { return nil }
        begin(digest, entry.signals, by: Bringer(next.from, isProven: next.isProven), now: now)
        return (entry.signals, next)
    }
}
