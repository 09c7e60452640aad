import ArgumentParser
import MeshSimulator

/// One experiment with everything that can be set.
struct One: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "One experiment, everything that it measured.")

    @Option var nodes = 1_000
    @Option(help: "Percent.") var loss = 0.0
    @Option(help: "Percent.") var dead = 0.0
    @Option(help: "Minutes.") var churn = 0.0
    @Option(help: "Percent that collude.") var attackers = 0.0
    @Option(help: "Attackers that surround the end at which is published.") var sybils = 0
    @Option var publishers = 5
    @Option var subscribers = 50
    @Option var minutes = 5.0
    @Option(help: "Minutes after the growth before anything is measured.") var settling = 2.0
    @Option(help: "Seconds in which the mesh doubles while it grows.") var doubling: Double?
    @Option(help: "Minutes in which maintenance is measured.") var quiet = 2.0
    @Option(help: "In the whole mesh.") var lookupsPerMinute: Double?
    @Option var seed: UInt64 = 1

    func run() throws {
        var parameters = MeshExperiment.Parameters(nodes: nodes)
        parameters.loss = loss / 100
        parameters.dead = dead / 100
        parameters.attackers = attackers / 100
        parameters.sybils = sybils
        parameters.churnMedian = .seconds(churn * 60)
        parameters.publishers = publishers
        parameters.subscribers = subscribers
        parameters.duration = .seconds(minutes * 60)
        parameters.settling = .seconds(settling * 60)
        parameters.quiet = .seconds(quiet * 60)
        parameters.seed = seed
        if let doubling { parameters.doubling = .seconds(doubling) }
        if let lookupsPerMinute { parameters.lookupsPerMinute = lookupsPerMinute }
        if let problem = parameters.problem { throw ValidationError(problem) }
        var experiment = MeshExperiment(parameters)
        dump(experiment.run { note("\r\($0.phase): \(Int($0.done)) of \(Int($0.total)) s   ", terminator: "") })
    }
}
