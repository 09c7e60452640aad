import ArgumentParser
import Glibc
import MeshSimulator
import ServiceRuntime

struct SimulateCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Simulate a mesh of routers and say what it is like.",
        discussion: Help.text(
            """
            Runs the router's own switch, so many times, on a virtual clock and a network with faults. The mesh grows and \
            settles, is left alone for two minutes to see what it does of itself, and is then measured for --minutes. No \
            router is needed. The same flags give the same report, on every machine.

            PERCENT is 0 to 100; fractions are allowed.
            """, json: "of a whole report, from nodes to violations",
            examples: [
                "p2pmsg simulate --nodes 200 --minutes 2", "p2pmsg simulate --nodes 500 --loss 5 --churn 30 --json",
            ]))
    /// Without `--seed`: in the environment and in files that word names a node to join.
    static let settings: [Setting] = [
        .nodes, .loss, .deadPercent, .churn, .attackers, .publishers, .subscribers, .minutes, .json,
    ]

    @Option(help: .of(.nodes, "n"))
    var nodes = 1_000

    @Option(help: .of(.loss, "percent"))
    var loss = 0.0

    @Option(help: .of(.deadPercent, "percent"))
    var dead = 0.0

    @Option(help: .of(.churn, "minutes"))
    var churn = 0.0

    @Option(help: .of(.attackers, "percent"))
    var attackers = 0.0

    @Option(help: .of(.publishers, "n"))
    var publishers: Int?

    @Option(help: .of(.subscribers, "n"))
    var subscribers: Int?

    @Option(help: .of(.minutes, "minutes"))
    var minutes = 5.0

    @Option(help: ArgumentHelp("The number from which everything random is drawn.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var config: ConfigOptions

    func validate() throws {
        for (name, percent) in [("--loss", loss), ("--dead", dead)] where !(0...100).contains(percent) {
            throw ValidationError("\(name) must be 0 to 100")
        }
        guard (0..<100).contains(attackers) else { throw ValidationError("--attackers must be 0 to below 100") }
        guard churn >= 0, churn <= SimulateCommand.longest else {
            throw ValidationError("--churn must be 0 (nobody leaves) to \(Int(SimulateCommand.longest)) minutes")
        }
        guard minutes > 0, minutes <= SimulateCommand.longest else {
            throw ValidationError("--minutes must be more than 0 and at most \(Int(SimulateCommand.longest))")
        }
        guard nodes >= 1, nodes <= 1_000_000 else { throw ValidationError("--nodes must be 1 to 1000000") }
        for (name, count) in [("--publishers", publishers), ("--subscribers", subscribers)] {
            guard let count else { continue }
            if count < 0 { throw ValidationError("\(name) must not be negative") }
            if count > parameters.honest {
                throw ValidationError("\(name) must not be more than the honest nodes, which are \(parameters.honest)")
            }
        }
        if let problem = parameters.problem { throw ValidationError(problem) }
    }

    /// Minutes: a week.
    private static let longest = 7.0 * 24 * 60

    private var parameters: MeshExperiment.Parameters {
        var parameters = MeshExperiment.Parameters(nodes: nodes)
        parameters.loss = loss / 100
        parameters.dead = dead / 100
        parameters.attackers = attackers / 100
        parameters.churnMedian = .seconds(churn * 60)
        parameters.publishers = publishers ?? min(parameters.publishers, parameters.honest)
        parameters.subscribers = subscribers ?? min(parameters.subscribers, parameters.honest)
        parameters.duration = .seconds(minutes * 60)
        parameters.seed = seed
        return parameters
    }

    func run() async throws {
        var experiment = MeshExperiment(parameters)
        var progress = ProgressLine()
        let report = experiment.run { progress.show($0) }
        progress.clear()
        try StandardStreams.out(json ? SimulationText.json(report) + "\n" : SimulationText.lines(report))
        guard report.violations.isEmpty else { throw EndedWith(status: .failed) }
    }
}

/// One line on a terminal that says how far a simulation is.
private struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let clock = ContinuousClock()
    private var shownAt: ContinuousClock.Instant?

    mutating func show(_ progress: MeshExperiment.Progress) {
        guard isTerminal else { return }
        if let shownAt, shownAt.duration(to: clock.now) < .milliseconds(100) { return }
        shownAt = clock.now
        let percent = Int(100 * progress.done / progress.total)
        StandardStreams.error("\r\u{1B}[K\(percent) %  \(progress.phase), second \(Int(progress.done))")
    }

    func clear() {
        if shownAt != nil { StandardStreams.error("\r\u{1B}[K") }
    }
}
