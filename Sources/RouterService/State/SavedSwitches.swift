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
        return isWorthWriting(best) || isWorthWriting(lines) ? best : nil
    }

    mutating func didSave(_ entries: [SwitchFile.Entry], lines: [RememberedLine] = []) {
        saved = entries
        self.lines = lines
    }

    /// Other lines, or more bytes than a restart can make up for.
    private func isWorthWriting(_ lines: [RememberedLine]) -> Bool {
        guard lines.count == self.lines.count else { return true }
        let known = Dictionary(self.lines.map { ($0.endpoint, $0) }) { first, _ in first }
        return lines.contains { line in
            guard let saved = known[line.endpoint], saved.hasRings(of: line) else { return true }
            return line.received - saved.received >= RouterLimits.unsavedBytes
        }
    }

    /// Other addresses, or times that are old. Another order of the same is not.
    private func isWorthWriting(_ entries: [SwitchFile.Entry]) -> Bool {
        let times = Dictionary(saved.map { ($0.endpoint, $0.answeredAt) }) { first, _ in first }
        guard times.count == entries.count else { return true }
        return entries.contains { entry in
            guard let known = times[entry.endpoint] else { return true }
            return abs(entry.answeredAt - known) >= RouterLimits.staleStampMilliseconds
        }
    }
}
