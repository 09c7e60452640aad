import Telehash
import TelehashWire

/// Which switches are worth keeping for the next start: those that answer now, and those that did in the last weeks, so
/// that a node that was alone for a while does not forget whom it knew.
struct SavedSwitches: Sendable {
    /// What the file holds, best first.
    private(set) var saved: [SwitchFile.Entry]
    /// The lines that the file holds.
    private(set) var lines: [RememberedLine]

    init(_ saved: [SwitchFile.Entry] = [], lines: [RememberedLine] = []) {
        self.saved = saved
        self.lines = lines
    }

    /// What should be saved now; nil when the file says as much already.
    /// - Parameters:
    ///   - contacts: who answers, best first.
    ///   - lines: that the next start needs.
    ///   - now: milliseconds since 1970.
    func update(_ contacts: [Endpoint], lines: [RememberedLine] = [], now: Int64) -> [SwitchFile.Entry]? {
        guard !contacts.isEmpty || !lines.isEmpty else { return nil }
        let present = Set(contacts)
        let absent = saved.filter {
            !present.contains($0.endpoint) && now - $0.answeredAt < RouterLimits.savedForMilliseconds
        }
        let entries = contacts.map { SwitchFile.Entry(endpoint: $0, answeredAt: now) } + absent
        let best = Array(entries.prefix(RouterLimits.savedSwitches))
        // Another order of the same is nothing new.
        let hasOtherTimes = SavedSwitches.differ(best, saved, at: \.endpoint) {
            abs($0.answeredAt - $1.answeredAt) >= RouterLimits.staleStampMilliseconds
        }
        // More bytes than a restart can make up for.
        let hasOtherLines = SavedSwitches.differ(lines, self.lines, at: \.endpoint) {
            !$1.hasRings(of: $0) || $0.received - $1.received >= RouterLimits.unsavedBytes
        }
        return hasOtherTimes || hasOtherLines ? best : nil
    }

    mutating func didSave(_ entries: [SwitchFile.Entry], lines: [RememberedLine] = []) {
        saved = entries
        self.lines = lines
    }

    /// Whether there are others than before, or one of them has changed.
    private static func differ<Item>(
        _ items: [Item], _ before: [Item], at place: (Item) -> Endpoint, _ hasChanged: (Item, Item) -> Bool
    ) -> Bool {
        let known = Dictionary(before.map { (place($0), $0) }) { first, _ in first }
        return known.count != items.count
            || items.contains { item in known[place(item)].map { hasChanged(item, $0) } ?? true }
    }
}
