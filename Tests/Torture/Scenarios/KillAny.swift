import ArgumentParser
import TestSupport

/// One random process killed every second.
struct KillAny: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "kill -9 of a random process of two stores' node every second (the default).")

    @Option(help: "Minutes of load; fractions are fine.")
    var minutes = 1.0

    @OptionGroup var load: LoadOptions

    @Option(help: "Seconds between two kills.")
    var pause = 1.0

    @Option(help: "Which processes are killed when: a number that an earlier run printed.")
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))

    func validate() throws {
        guard minutes > 0, minutes <= 24 * 60 else { throw ValidationError("--minutes is above 0, at most 1440") }
        guard pause >= 0.1 else { throw ValidationError("--pause is 0.1 or more") }
    }

    func run() async throws {
        var findings = Findings("kill")
        findings.mention("seed", "\(seed)")
        let stage = try await Stage.open()
        let ledger = Ledger()
        let killer = Killer(stage: stage, pause: .seconds(pause), seed: seed)
        let begin = ContinuousClock.now
        let kills = try await underLoad(load, on: stage, into: ledger) {
            try await killer.run(until: begin + .seconds(minutes * 60))
        }
        let seconds = begin.duration(to: .now).seconds
        findings.mention(
            "receipts", "\(ledger.receipts.count), \(Int(Double(ledger.receipts.count) / seconds)) a second")
        findings.mention("publish to receipt", ledger.times().summary)
        findings.mention("killed", kills)
        try await Audit.run(on: stage, ledger, into: &findings)
        try findings.conclude()
    }
}
