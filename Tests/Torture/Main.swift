import ArgumentParser
import Foundation
import TestSupport

/// Sends acknowledged messages to a node whose processes are killed with `kill -9`, one after the other, and then looks
/// whether every receipt was true.
@main
struct Torture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Tests/Torture/run",
        abstract: "Kills processes of a node under load and checks that nothing acknowledged is lost.")

    @Option(help: "Minutes of load; fractions are fine.")
    var minutes = 1.0

    @Option(help: "Acknowledged messages a second, of all writers together.")
    var rate = 500

    @Option(help: "Writers, each with a key and a connection of its own.")
    var writers = 4

    @Option(help: "Seconds between two kills.")
    var pause = 1.0

    @Option(help: "Which processes are killed when: a number that an earlier run printed.")
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))

    func validate() throws {
        guard minutes > 0, minutes <= 24 * 60 else { throw ValidationError("--minutes is above 0, at most 1440") }
        guard (1...100_000).contains(rate) else { throw ValidationError("--rate is 1 to 100000") }
        guard (1...100).contains(writers) else { throw ValidationError("--writers is 1 to 100") }
        guard pause >= 0.1 else { throw ValidationError("--pause is 0.1 or more") }
    }

    func run() async throws {
        note("seed \(seed)")
        let stage = try await Stage.open()
        let ledger = Ledger()
        let crew = Writers(bus: stage.site.bus, count: writers, rate: rate, ledger: ledger)
        let killer = Killer(stage: stage, pause: .seconds(pause), seed: seed)
        let begin = ContinuousClock.now
        let end = begin + .seconds(minutes * 60)
        async let kills = killer.run(until: end)
        try await crew.run(until: end)
        note("\(ledger.summary(after: begin.duration(to: .now)))")
        note("killed: \(try await kills)")

        var audit = Audit(stage: stage, receipts: ledger.receipts)
        try await audit.awaitCalm()
        try await audit.readPages()
        try await stage.close()
        try await audit.readStores()
        audit.failures += ledger.failures
        guard audit.failures.isEmpty else {
            for failure in audit.failures { note("FAILED: \(failure)") }
            throw ExitCode.failure
        }
        print("\(ledger.receipts.count) receipts, all of them true; seed \(seed)")
    }
}

func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
