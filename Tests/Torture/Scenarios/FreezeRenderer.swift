import ArgumentParser
import TestSupport

/// A renderer that stops in the middle of its work while browsers listen to it.
struct FreezeRenderer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The renderer is stopped (SIGSTOP) while browsers listen to it, then goes on.")

    @Option(help: "Seconds of undisturbed load before.")
    var calm = 10.0

    @Option(help: "Seconds that the renderer is frozen.")
    var seconds = 20.0

    @Option(help: "Browsers that have the page open.")
    var readers = 3

    @OptionGroup var steadiness: Steadiness
    @OptionGroup var load: LoadOptions

    /// From waking until page and events are right again.
    private static let recovery = Duration.seconds(5)

    func run() async throws {
        var findings = Findings("freeze-renderer")
        let stage = try await Stage.open(Stage.Cast(receivers: [1]))
        let ledger = Ledger()
        let frozen = stage.renderers[0].number
        let browsers = (0..<readers).map { _ in Browser(stage.http) }
        let reading = browsers.map { browser in Task { await browser.run() } }
        defer { for task in reading { task.cancel() } }
        let (before, during, page, events) = try await underLoad(load, on: stage, into: ledger) {
            let before = try await Phase.lasting { try await letTimePass(.seconds(calm)) }
            let old = Set(ledger.acknowledged.map(\.hex))
            let during = try await Phase.lasting {
                try stage.freeze(frozen)
                try await letTimePass(.seconds(seconds))
            }
            try stage.thaw(frozen)
            let due = Set(ledger.acknowledged.map(\.hex))
            let missed = due.subtracting(old)
            async let page = time(since: during.to) {
                // Down to what was there before, as reading everything again would be the greatest load of all.
                missed.isSubset(of: try await Wall.messages(of: stage.http) { ids in old.isSuperset(of: ids) })
            }
            async let events = time(since: during.to) { browsers.allSatisfy { due.isSubset(of: $0.seen) } }
            return (before, during, try await page, try await events)
        }
        let (normal, slow) = (ledger.times(in: before), ledger.times(in: during))
        findings.mention("before", normal.summary)
        findings.mention("while frozen", slow.summary)
        let goal = steadiness.bound(normal.p99)
        findings.record(
            "p99 of publishers while it is frozen", "\(Int(slow.p99)) ms", goal: "\(Int(goal)) ms (\(steadiness.text))",
            holds: slow.p99 <= goal)
        for (what, time) in [("the page is complete after", page), ("\(readers) browsers are complete after", events)] {
            findings.record(
                what, "\(Int(time.milliseconds)) ms", goal: "5000 ms of waking", holds: time <= Self.recovery)
        }
        let loads = browsers.reduce(0) { $0 + $1.loads }
        findings.mention("browsers loaded the page anew", "\(loads) times")
        try await Audit.run(on: stage, ledger, into: &findings)
        try findings.conclude()
    }

    private func time(
        since start: ContinuousClock.Instant, until isRight: () async throws -> Bool
    ) async throws -> Duration {
        try await eventually("right again", within: .seconds(30), every: .milliseconds(50)) { try await isRight() }
        return start.duration(to: .now)
    }
}
