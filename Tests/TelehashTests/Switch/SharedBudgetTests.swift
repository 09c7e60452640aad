import TelehashWire
import Testing

@testable import Telehash

/// What one host leaves to others of what all unproven addresses share.
@Suite struct SharedBudgetTests {
    @Test("one host that sends more than there is leaves a known address its own", arguments: [true, false])
    func oneHost(sendsSignals: Bool) throws {
        let figures = Limits.default.lines
        let (rate, parts) =
            sendsSignals
            ? (figures.strangerSignals, figures.strangerSignalParts)
            : (figures.strangerTelexes, figures.strangerTelexParts)
        var now = Instant.zero
        var budget = SharedBudget(rate, parts, limits: .default, now: now)
        let host = try #require(Endpoint("10.0.0.1:5000"))
        let client = try #require(Endpoint("10.0.0.2:5000"))
        var (asked, got) = (0, 0)
        for step in 0..<60_000 {
            // 1,500 signals a second, or 10,000 telexes.
            for _ in 0..<(sendsSignals ? 1 + step % 2 : 10) { _ = budget.take(for: host, now: now) }
            if step % 10 == 0 {
                asked += 1
                if budget.take(for: client, now: now) { got += 1 }
            }
            now = now.advanced(by: .milliseconds(1))
        }
        #expect(got == asked)
    }
}
