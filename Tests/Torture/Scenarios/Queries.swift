import ArgumentParser
import Bus
import BusClient
import Messages
import Synchronization
import TestSupport

/// People read while receivers die.
struct Queries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Three receivers of two stores answer queries; one of them is killed every five seconds.")

    @Option(help: "Seconds of queries.")
    var seconds = 60.0

    @Option(help: "Queries a second.")
    var queries = 200

    @Option(help: "Seconds between two kills.")
    var pause = 5.0

    @Option(help: "Messages in the stores before it begins.")
    var messages = 500

    @Option(help: "Which receivers are killed when.")
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))

    /// Of all queries.
    private static let answered = 0.999
    /// Milliseconds.
    private static let p99 = 600.0

    func validate() throws {
        guard (1...10_000).contains(queries) else { throw ValidationError("--queries is 1 to 10000") }
    }

    func run() async throws {
        var findings = Findings("queries")
        findings.mention("seed", "\(seed)")
        let stage = try await Stage.open(Stage.Cast(receivers: [2, 1], renderers: 0))
        let client = try BusClient(bus: stage.site.bus, name: "queries")
        try await fill(client)
        let killer = Killer(stage: stage, victims: stage.receivers, pause: .seconds(pause), seed: seed)
        let end = ContinuousClock.now + .seconds(seconds)
        let tally = QueryTally()
        async let kills = killer.run(until: end)
        await withDiscardingTaskGroup { group in
            var due = ContinuousClock.now
            while due < end, await letPass(max(.zero, ContinuousClock.now.duration(to: due))) {
                group.addTask { await tally.ask(client) }
                due += .seconds(1) / queries
            }
        }
        findings.mention("killed", try await kills)
        let counters = await client.counters()
        findings.mention("failovers and hedges", "\(counters.failovers) and \(counters.hedges)")
        record(tally, into: &findings)
        await client.close()
        try await stage.close()
        try findings.conclude()
    }

    private func record(_ tally: QueryTally, into findings: inout Findings) {
        let (times, failures) = (tally.times, tally.failures)
        let asked = times.count + failures.values.reduce(0, +)
        let share = Double(times.count) / Double(max(1, asked))
        let percent = Double(Int(share * 100_000)) / 1_000
        findings.record(
            "queries answered", "\(percent) % of \(asked)", goal: "99.9 %", holds: share >= Self.answered)
        for (error, count) in failures { findings.mention("not answered", "\(count) \(error)") }
        findings.mention("times", times.summary)
        findings.record("p99", "\(Int(times.p99)) ms", goal: "600 ms", holds: times.p99 <= Self.p99)
    }

    private func fill(_ client: BusClient) async throws {
        let identity = Identity.generate(.ed25519)
        for number in 0..<messages {
            let message = try identity.sign("message \(number)", channel: .tweets, at: Timestamp.now)
            _ = try await client.publish(message, acks: 2, from: .commandLine, timeout: .seconds(30))
        }
    }
}

/// Counts what became of queries.
private final class QueryTally: Sendable {
    private let state = Mutex((milliseconds: [Double](), failures: [String: Int]()))

    var times: Times { Times(state.withLock { $0.milliseconds }) }
    var failures: [String: Int] { state.withLock { $0.failures } }

    func ask(_ client: BusClient) async {
        let begun = ContinuousClock.now
        let failure: String?
        do throws(BusError) {
            let answer = try await client.query(.timeline(.init(limit: 50)))
            failure = if case .rows(let rows, _) = answer.body, rows.count == 50 { nil } else { "without rows" }
        } catch {
            failure = error.message
        }
        let time = begun.duration(to: .now).milliseconds
        state.withLock {
            if let failure { $0.failures[failure, default: 0] += 1 } else { $0.milliseconds.append(time) }
        }
    }
}
