import ArgumentParser
import TestSupport

/// Four receivers on one store: they share the work, and take over each other's.
struct Share: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Four receivers on one store share the work; then one of them is killed every second.")

    @Option(help: "Seconds of undisturbed load.")
    var calm = 15.0

    @Option(help: "Seconds in which one receiver is killed each second.")
    var seconds = 60.0

    @OptionGroup var load: LoadOptions

    @Option(help: "Which receivers are killed when.")
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))

    /// Of the work, for each of four receivers that have a quarter to expect.
    private static let leastShare = 0.15
    /// Milliseconds from publishing to the receipt: the lease of a delivery, and one second.
    private static let longestWait = 6_000.0

    func run() async throws {
        var findings = Findings("share")
        findings.mention("seed", "\(seed)")
        let stage = try await Stage.open(Stage.Cast(receivers: [4]))
        let ledger = Ledger()
        let (work, kills, killing): ([Int], String, Phase) = try await underLoad(load, on: stage, into: ledger) {
            let before = try await storedCounts(of: stage)
            try await letTimePass(.seconds(calm))
            let after = try await storedCounts(of: stage)
            let work = zip(after, before).map { $0 - $1 }
            let from = ContinuousClock.now
            let killer = Killer(stage: stage, victims: stage.receivers, pause: .seconds(1), seed: seed)
            let kills = try await killer.run(until: from + .seconds(seconds))
            return (work, kills, Phase(from: from, to: .now))
        }
        record(work, of: stage, into: &findings)
        findings.mention("killed", kills)
        let times = ledger.times(in: killing)
        findings.mention("receipts while killing", "\(times.count), \(times.summary)")
        findings.record(
            "longest from publish to receipt", "\(Int(times.longest)) ms", goal: "lease + 1 s (6000 ms)",
            holds: times.count > 0 && times.longest <= Self.longestWait)
        findings.mention("redelivered", "\(try await stage.metric("bus_redelivered_total", of: stage.router))")
        try await Audit.run(on: stage, ledger, into: &findings)
        try findings.conclude()
    }

    private func storedCounts(of stage: Stage) async throws -> [Int] {
        var counts: [Int] = []
        for receiver in stage.receivers { counts.append(try await stage.metric("messages_stored_total", of: receiver)) }
        return counts
    }

    private func record(_ work: [Int], of stage: Stage, into findings: inout Findings) {
        let all = max(1, work.reduce(0, +))
        for (receiver, stored) in zip(stage.receivers, work) {
            let share = Double(stored) / Double(all)
            findings.record(
                "work of \(stage.parts[receiver].name)", "\(Int((share * 100).rounded())) % (\(stored))",
                goal: "at least 15 %", holds: share >= Self.leastShare)
        }
    }
}
