import ArgumentParser
import Synchronization
import TestSupport

/// What an operator does to upgrade: one service after the other is restarted.
struct Rolling: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Every service is restarted in turn (SIGTERM) while people write, and read through nginx.")

    @Option(help: "How often everybody is restarted.")
    var rounds = 2

    @Option(help: "Seconds between two restarts, after the one before is ready.")
    var pause = 1.0

    @Option(help: "People who read pages all the time.")
    var readers = 4

    @OptionGroup var load: LoadOptions

    func run() async throws {
        var findings = Findings("rolling")
        let stage = try await Stage.open(Stage.Cast(receivers: [2, 2], renderers: 2))
        let proxy = try await TestProxy.start(in: stage.site, renderers: stage.renderers.map(\.port))
        let ledger = Ledger()
        let tally = PageTally()
        let reading = (0..<readers).map { _ in Task { await tally.read("/tweets", of: proxy.http) } }
        try await underLoad(load, on: stage, into: ledger) {
            for _ in 0..<rounds {
                for number in stage.parts.indices {
                    try await letTimePass(.seconds(pause))
                    try await stage.restart(number)
                    try await stage.awaitReady(number, within: .seconds(10))
                }
            }
            try await letTimePass(.seconds(pause))
        }
        for task in reading { task.cancel() }
        for task in reading { await task.value }
        findings.mention("restarts", "\(rounds * stage.parts.count)")
        findings.mention("receipts", "\(ledger.receipts.count), \(ledger.times().summary)")
        findings.mention("page requests", "\(tally.times.count), \(tally.times.summary)")
        findings.record(
            "page requests that failed", tally.failures.isEmpty ? "0" : "\(tally.failures)", goal: "0",
            holds: tally.failures.isEmpty && tally.times.count > 0)
        if !tally.failures.isEmpty { note(proxy.process.transcript) }
        try await Audit.run(on: stage, ledger, into: &findings)
        try findings.conclude()
    }
}

/// Counts what people get who read pages one after the other.
final class PageTally: Sendable {
    private struct State {
        var milliseconds: [Double] = []
        var failures: [String: Int] = [:]
    }

    private let state = Mutex(State())

    var times: Times { Times(state.withLock { $0.milliseconds }) }
    /// By status or error.
    var failures: [String: Int] { state.withLock { $0.failures } }

    /// Until the task is cancelled.
    func read(_ path: String, of http: HTTPClient) async {
        while await letPass(.milliseconds(5)) {
            let begun = ContinuousClock.now
            let failure: String?
            do {
                let response = try await http.get(path, headers: ["Host": TestProxy.name])
                failure = response.status == 200 ? nil : "status \(response.status)"
            } catch {
                failure = "\(error)"
            }
            let time = begun.duration(to: .now).milliseconds
            state.withLock {
                $0.milliseconds.append(time)
                if let failure { $0.failures[failure, default: 0] += 1 }
            }
        }
    }
}
