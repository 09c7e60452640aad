import Bus
import Synchronization

/// The numbers of a store, asked once for each place that it stands at; and again after a while, as a store that cannot
/// store has a notice, and stands still.
final class Summaries: Sendable {
    private struct Known {
        let id: EventID
        let summary: Summary
        let since: ContinuousClock.Instant
    }

    private let known = Mutex<Known?>(nil)

    /// Nil where the place is unknown or no receiver tells: a page can do without.
    func summary(at id: EventID?, from wall: any Wall) async -> Summary? {
        guard let id else { return nil }
        if let known = known.withLock({ $0 }), known.id == id,
            known.since.duration(to: .now) < Limits.summaryAge
        {
            return known.summary
        }
        guard let answer = try? await wall.query(.summary, of: id.store), let summary = answer.body.summary else {
            return nil
        }
        known.withLock { $0 = Known(id: EventID(of: answer), summary: summary, since: .now) }
        return summary
    }
}
