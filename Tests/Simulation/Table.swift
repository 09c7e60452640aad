import ArgumentParser
import MeshSimulator

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
        let scenarios = Set(only.split(separator: ",").map(String.init))
        let goals = Goals.of(size)
        var figures: [Figure] = []
        var amplification = 0.0
        var broken = 0
        func run(_ name: String, _ change: (inout MeshExperiment.Parameters) -> Void) -> MeshReport? {
            guard scenarios.contains(name) else { return nil }
            var parameters = MeshExperiment.Parameters(nodes: size)
            parameters.seed = seed
            parameters.quiet = .zero
            parameters.publishers = 5
            parameters.subscribers = min(100, size)
            change(&parameters)
            parameters.lookupsPerMinute = Double(lookups) / (parameters.duration / .seconds(60))
            var experiment = MeshExperiment(parameters)
            let report = experiment.run {
                note("\r\(size) nodes, \(name): \($0.phase), \(Int($0.done)) of \(Int($0.total)) s    ", terminator: "")
            }
            note("")
            amplification = max(amplification, report.maxAmplification)
            broken += report.violations.count
            for violation in report.violations.prefix(5) { note(violation) }
            return report
        }
        if let calm = run("calm", { $0.quiet = .seconds(900) }) { figures += Table.calm(calm, goals) }
        if let trouble = run(
            "trouble",
            {
                $0.dead = 0.3
                $0.loss = 0.05
                $0.duration = .seconds(60)
            })
        {
            figures.append(Table.trouble(trouble, goals))
        }
        if let churn = run(
            "churn",
            {
                $0.loss = 0.05
                $0.churnMedian = .seconds(3_600)
                $0.duration = .seconds(600)
            })
        {
            figures.append(Table.churn(churn, goals))
        }
        if let half = run(
            "half",
            {
                $0.dead = 0.5
                $0.duration = .seconds(300)
            })
        {
            figures.append(Table.half(half, goals))
        }
        if let colluders = run("colluders", { $0.attackers = 0.2 }) {
            let lookups = "; lookups \((colluders.lookupSuccess ?? .nan).percent)"
            figures.append(Table.attacked(colluders, by: "20 % collude", goal: 0.99, how: lookups))
        }
        if let sybils = run(
            "sybils",
            {
                $0.sybils = 20
                $0.publishers = min(50, size)
            })
        {
            figures.append(Table.attacked(sybils, by: "20 sybils", goal: 0.95, how: ", nearer to the channel than all"))
        }
        figures.append(
            Figure(
                what: "\(size) nodes: amplification", goal: "≤ \(goals.amplification)",
                measured: amplification.text(), isMet: amplification <= goals.amplification,
                how: "the largest of all these runs, one forged question a second"))
        figures.append(
            Figure(
                what: "\(size) nodes: broken rules", goal: "0", measured: "\(broken)", isMet: broken == 0,
                how: "a switch audited every \(MeshExperiment.eventsPerAudit) events; peak memory so far "
                    + "\((ProcessUse.peakBytes / 1e9).text()) GB"))
        return figures
    }
}

extension Table {
    private static func calm(_ report: MeshReport, _ goals: Goals) -> [Figure] {
        let success = report.lookupSuccess ?? 0
        let hops = report.meanHops ?? .infinity
        let wall = "\(report.simulatedSeconds.text(0)) s simulated in \(report.wallSeconds.text(0)) s"
        return [
            Figure(
                what: "\(report.nodes) nodes: lookup success", goal: "≥ \(goals.success.percent)",
                measured: success.percent, isMet: success >= goals.success, how: "\(report.lookups) lookups, \(wall)"),
            Figure(
                what: "\(report.nodes) nodes: mean hops", goal: "≤ \(goals.meanHops)", measured: hops.text(),
                isMet: hops <= goals.meanHops,
                how: "at most \(report.maxHops), \((report.queriesMean ?? .nan).text(1)) queries, "
                    + "\((report.foundClosest ?? .nan).percent) of the 8 nearest"),
            Figure(
                what: "\(report.nodes) nodes: maintenance", goal: "≤ \(goals.maintenance)",
                measured: report.maintenancePerNodeMinute.text(1),
                isMet: report.maintenancePerNodeMinute <= goals.maintenance,
                how: "telexes sent a node and minute, 15 quiet minutes"),
        ]
    }

    private static func trouble(_ report: MeshReport, _ goals: Goals) -> Figure {
        let success = report.lookupSuccess ?? 0
        return Figure(
            what: "\(report.nodes) nodes: 30 % dead, 5 % loss", goal: "≥ \(goals.successInTrouble.percent)",
            measured: success.percent, isMet: success >= goals.successInTrouble,
            how: "\(report.lookups) lookups in the first minute, \((report.meanHops ?? .nan).text()) hops, "
                + "\((report.queriesMean ?? .nan).text(1)) queries")
    }

    private static func churn(_ report: MeshReport, _ goals: Goals) -> Figure {
        let delivered = report.deliveredRatio ?? 0
        return Figure(
            what: "\(report.nodes) nodes: delivery, churn 60 min", goal: "≥ \(goals.delivered.percent)",
            measured: delivered.percent, isMet: delivered >= goals.delivered,
            how: "5 % loss, \(report.published) messages, p99 \((report.latencyTail ?? .nan).text(0)) ms, lookups "
                + "\((report.lookupSuccess ?? .nan).percent)")
    }

    private static func half(_ report: MeshReport, _ goals: Goals) -> Figure {
        let seconds = report.recoverySeconds ?? .infinity
        return Figure(
            what: "\(report.nodes) nodes: half vanish", goal: "≤ \(goals.recoverySeconds.text(0)) s",
            measured: "\(seconds.text(0)) s", isMet: seconds <= goals.recoverySeconds,
            how: "until every ten seconds 99.9 % of lookups succeed; of all \((report.lookupSuccess ?? .nan).percent)")
    }

    /// What arrives although some work against it.
    private static func attacked(_ report: MeshReport, by who: String, goal: Double, how: String) -> Figure {
        let delivered = report.deliveredRatio ?? 0
        return Figure(
            what: "\(report.nodes) nodes: delivery, \(who)", goal: "≥ \(Int(goal * 100)) %",
            measured: delivered.percent,
            isMet: delivered >= goal, how: "\(report.published) messages\(how)")
    }
}
