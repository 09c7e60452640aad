import MeshSimulator

/// What a mesh is measured under, and what it must show there.
struct Scenario {
    let name: String
    /// What differs from a mesh in peace.
    private let change: (inout MeshExperiment.Parameters) -> Void
    let figures: (MeshReport, Goals) -> [Figure]

    /// - Parameter lookups: in the whole measured time.
    func set(_ parameters: inout MeshExperiment.Parameters, lookups: Int) {
        parameters.loss = 0
        parameters.dead = 0
        parameters.churnMedian = .zero
        parameters.quiet = .zero
        parameters.duration = .seconds(300)
        change(&parameters)
        parameters.lookupsPerMinute = Double(lookups) / (parameters.duration / .seconds(60))
    }

    /// Above this size each minute costs minutes, and what is measured is measured for a shorter time.
    private static let brief = 20_000

    /// Those without attackers. The order matters where they run in one mesh: the last one leaves half of it.
    static func honest(_ size: Int) -> [Scenario] {
        let isBrief = size > brief
        return [
            Scenario(
                name: "calm",
                change: {
                    $0.quiet = .seconds(isBrief ? 180 : 900)
                    if isBrief { $0.duration = .seconds(60) }
                },
                figures: calm),
            Scenario(
                name: "churn",
                change: {
                    $0.loss = 0.05
                    $0.churnMedian = .seconds(3_600)
                    $0.duration = .seconds(isBrief ? 180 : 600)
                },
                figures: churn),
            Scenario(
                name: "trouble",
                change: {
                    $0.dead = 0.3
                    $0.loss = 0.05
                    $0.duration = .seconds(60)
                },
                figures: trouble),
            Scenario(
                name: "half",
                change: {
                    $0.dead = 0.5
                    if isBrief { $0.duration = .seconds(200) }
                },
                figures: half),
        ]
    }

    /// Those with attackers, each of which needs a mesh of its own.
    static func attacked(_ size: Int) -> [Scenario] {
        [
            Scenario(
                name: "colluders", change: { $0.attackers = 0.2 },
                figures: { report, _ in
                    let lookups = "; lookups \((report.lookupSuccess ?? .nan).percent)"
                    return attacked(report, by: "20 % collude", goal: 0.99, how: lookups)
                }),
            Scenario(
                name: "sybils",
                change: {
                    $0.sybils = 20
                    $0.publishers = min(50, size)
                },
                figures: { report, _ in
                    attacked(report, by: "20 sybils", goal: 0.95, how: ", nearer to the channel than all")
                }),
        ]
    }
}

extension Scenario {
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
                how: "telexes sent a node and minute, while nothing is asked of it"),
        ]
    }

    private static func trouble(_ report: MeshReport, _ goals: Goals) -> [Figure] {
        let success = report.lookupSuccess ?? 0
        return [
            Figure(
                what: "\(report.nodes) nodes: 30 % dead, 5 % loss", goal: "≥ \(goals.successInTrouble.percent)",
                measured: success.percent, isMet: success >= goals.successInTrouble,
                how: "\(report.lookups) lookups in the first minute, \((report.meanHops ?? .nan).text()) hops, "
                    + "\((report.queriesMean ?? .nan).text(1)) queries")
        ]
    }

    private static func churn(_ report: MeshReport, _ goals: Goals) -> [Figure] {
        let delivered = report.deliveredRatio ?? 0
        return [
            Figure(
                what: "\(report.nodes) nodes: delivery, churn 60 min", goal: "≥ \(goals.delivered.percent)",
                measured: delivered.percent, isMet: delivered >= goals.delivered,
                how: "5 % loss, \(report.published) messages, p99 \((report.latencyTail ?? .nan).text(0)) ms, lookups "
                    + "\((report.lookupSuccess ?? .nan).percent)")
        ]
    }

    private static func half(_ report: MeshReport, _ goals: Goals) -> [Figure] {
        let seconds = report.recoverySeconds ?? .infinity
        return [
            Figure(
                what: "\(report.nodes) nodes: half vanish", goal: "≤ \(goals.recoverySeconds.text(0)) s",
                measured: "\(seconds.text(0)) s", isMet: seconds <= goals.recoverySeconds,
                how:
                    "until every ten seconds 99.9 % of lookups succeed; of all \((report.lookupSuccess ?? .nan).percent)"
            )
        ]
    }

    /// What arrives although some work against it.
    private static func attacked(_ report: MeshReport, by who: String, goal: Double, how: String) -> [Figure] {
        let delivered = report.deliveredRatio ?? 0
        return [
            Figure(
                what: "\(report.nodes) nodes: delivery, \(who)", goal: "≥ \(Int(goal * 100)) %",
                measured: delivered.percent,
                isMet: delivered >= goal, how: "\(report.published) messages\(how)")
        ]
    }
}
