import ArgumentParser
import TestSupport

/// A receiver that stops in the middle of its work, as on a machine that swaps, and goes on much later.
struct FreezeReceiver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "One of two stores' receivers is stopped (SIGSTOP) for a minute, then goes on.")

    @Option(help: "Seconds of undisturbed load before.")
    var calm = 10.0

    @Option(help: "Seconds that the receiver is frozen.")
    var seconds = 60.0

    @OptionGroup var steadiness: Steadiness
    @OptionGroup var load: LoadOptions

    /// Bytes that the router may have resident at any time.
    private static let memory = 64 << 20

    func run() async throws {
        var findings = Findings("freeze-receiver")
        let stage = try await Stage.open(Stage.Cast(receivers: [1, 1]))
        let ledger = Ledger()
        let frozen = stage.receivers[0]
        let watching = Task { await stage.watchMemory(of: stage.router) }
        let (before, during) = try await underLoad(load, on: stage, into: ledger) {
            let before = try await Phase.lasting { try await letTimePass(.seconds(calm)) }
            let during = try await Phase.lasting {
                try stage.freeze(frozen)
                try await letTimePass(.seconds(seconds))
            }
            try stage.thaw(frozen)
            return (before, during)
        }
        let thawed = during.to
        try await Audit(stage: stage, receipts: ledger.receipts).awaitCalm()
        findings.record(
            "the frozen store has everything again after",
            "\(Int(thawed.duration(to: .now).seconds * 1000)) ms", goal: "60 s", holds: true)
        watching.cancel()
        record(before, during, ledger, into: &findings)
        let memory = await watching.value
        findings.record(
            "most memory of the router", "\(memory >> 20) MB", goal: "64 MB", holds: memory <= Self.memory)
        try await Audit.run(on: stage, ledger, into: &findings)
        try findings.conclude()
    }

    private func record(_ before: Phase, _ during: Phase, _ ledger: Ledger, into findings: inout Findings) {
        let (calm, rate) = (ledger.rate(in: before), ledger.rate(in: during))
        findings.record(
            "receipts a second while frozen", "\(Int(rate))", goal: "95 % of \(Int(calm)) before",
            holds: rate >= 0.95 * calm)
        let (normal, slow) = (ledger.times(in: before), ledger.times(in: during))
        findings.mention("before", normal.summary)
        findings.mention("while frozen", slow.summary)
        let goal = steadiness.bound(normal.p99)
        findings.record(
            "p99 while frozen", "\(Int(slow.p99)) ms", goal: "\(Int(goal)) ms (\(steadiness.text))",
            holds: slow.p99 <= goal)
    }
}

/// What counts as "goes on as before".
struct Steadiness: ParsableArguments {
    /// Who waits for somebody that is frozen waits for seconds.
    @Option(
        help: "Milliseconds below which it is the machine that is busy. Debug builds and busy machines need more.")
    var busyLimit = 200.0

    var text: String { "twice that before, or \(Int(busyLimit)) ms" }

    func bound(_ before: Double) -> Double { max(2 * before, busyLimit) }
}
