import ArgumentParser
import MeshSimulator
import MeshTrouble

/// Every promise about a mesh of some sizes.
struct Table: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Every promise about meshes of some sizes, each beside what was measured.")

    @Option(help: ArgumentHelp("Sizes, separated by commas.", valueName: "n,n"))
    var nodes = "1000,10000"

    @Option(help: "Everything random is drawn from it.")
    var seed: UInt64 = 1

    @Option(help: "Lookups of each experiment.")
    var lookups = 4_000

    @Option(help: "Only these scenarios (calm, trouble, churn, half, colluders, sybils), separated by commas.")
    var only = "calm,trouble,churn,half,colluders,sybils"

    func run() throws {
        var figures: [Figure] = []
        for text in nodes.split(separator: ",") {
            guard let size = Int(text), size > 0 else { throw ValidationError("\(text) is no number of nodes") }
            figures += measure(size)
        }
        Figure.printTable(figures)
        if figures.contains(where: { !$0.isMet }) { throw ExitCode.failure }
    }

    private func measure(_ size: Int) -> [Figure] {
        let chosen = Set(only.split(separator: ",").map(String.init))
        var seen = Seen()
        var figures = Scenario.honest(size).filter { chosen.contains($0.name) }.measureInOneMesh(self, size, &seen)
        for scenario in Scenario.attacked(size) where chosen.contains(scenario.name) {
            figures += [scenario].measureInOneMesh(self, size, &seen)
        }
        let goals = Goals.of(size)
        figures.append(
            Figure(
                what: "\(size) nodes: amplification", goal: "≤ \(goals.amplification)",
                measured: seen.amplification.text(), isMet: seen.amplification <= goals.amplification,
                how: "the largest of all these runs, one forged question a second"))
        figures.append(
            Figure(
                what: "\(size) nodes: broken rules", goal: "0", measured: "\(seen.broken)", isMet: seen.broken == 0,
                how: "a switch audited every \(MeshExperiment.eventsPerAudit) events; peak memory so far "
                    + "\((ProcessUse.peakBytes / 1e9).text()) GB"))
        return figures
    }

    /// What all experiments of one size saw.
    struct Seen {
        var amplification = 0.0
        var broken = 0

        mutating func note(_ report: MeshReport) {
            amplification = max(amplification, report.maxAmplification)
            // A mesh that is measured again still knows what was broken before.
            broken = max(broken, report.violations.count)
            for violation in report.violations.prefix(5) { SimulatorRuns.note(violation) }
        }
    }
}

extension [Scenario] {
    /// Grows one mesh and measures all scenarios in it, one after the other; the first decides who attacks.
    fileprivate func measureInOneMesh(_ table: Table, _ size: Int, _ seen: inout Table.Seen) -> [Figure] {
        guard let first else { return [] }
        let goals = Goals.of(size)
        var parameters = MeshExperiment.Parameters(nodes: size)
        parameters.seed = table.seed
        parameters.publishers = 5
        parameters.subscribers = Swift.min(100, size)
        first.set(&parameters, lookups: table.lookups)
        var experiment = MeshExperiment(parameters)
        var figures: [Figure] = []
        for (place, scenario) in enumerated() {
            let tell = { (now: MeshExperiment.Progress) in
                note(
                    "\r\(size) nodes, \(scenario.name): \(now.phase), \(Int(now.done)) of \(Int(now.total)) s    ",
                    terminator: "")
            }
            let report =
                place == 0
                ? experiment.run(progress: tell)
                : experiment.runAgain(progress: tell) { scenario.set(&$0, lookups: table.lookups) }
            note("")
            seen.note(report)
            let measured = scenario.figures(report, goals)
            Figure.noteEach(measured)
            figures += measured
        }
        return figures
    }
}
