import TestSupport

/// Writes to a node while something is done to it.
///
/// - Returns: what the body returns, when every message that was written has its receipt or was given up.
func underLoad<Value: Sendable>(
    _ options: LoadOptions, on stage: Stage, into ledger: Ledger, _ body: @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await options.crew(on: stage, ledger: ledger).run() }
        let value = try await body()
        group.cancelAll()
        try await group.waitForAll()
        return value
    }
}

/// A part of a run, by the clock.
struct Phase: Sendable {
    let from: ContinuousClock.Instant
    let to: ContinuousClock.Instant

    var seconds: Double { from.duration(to: to).seconds }

    /// Runs the body and says when.
    static func lasting(_ body: () async throws -> Void) async throws -> Phase {
        let from = ContinuousClock.now
        try await body()
        return Phase(from: from, to: .now)
    }
}

extension Ledger {
    func times(in phase: Phase) -> Times { times(from: phase.from, to: phase.to) }

    /// Receipts a second for what was published in a phase.
    func rate(in phase: Phase) -> Double { Double(times(in: phase).count) / phase.seconds }
}
