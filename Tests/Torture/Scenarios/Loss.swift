import ArgumentParser
import Foundation
import TestSupport

/// Nodes whose packets are lost, late, doubled and out of order.
struct Loss: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loss",
        abstract: "Six nodes publish while packets are lost, late, doubled and out of order; then the weather clears.",
        discussion: "Makes network namespaces, which needs root. Uses netem where the kernel has it.")

    @Option(help: "Nodes.")
    var nodes = 6

    @Option(help: "Messages of each node at each loss.")
    var messages = 100

    @Option(help: "Messages a second of each node.")
    var rate = 10.0

    @Option(parsing: .upToNextOption, help: "Shares of packets that are lost one way, in percent.")
    var percents = [0.0, 5, 20, 30]

    @Option(help: "Seed of what is random in the network.")
    var seed: UInt64 = 1

    /// What must arrive at a loss of up to so many percent. A copy is sent, and sent again after 2 s if it is not known to
    /// have arrived; and each switch passes on what it got, so that with six nodes there are six ways.
    private static let goals: [(percent: Double, delivered: Double)] = [(5, 0.999), (20, 0.995), (30, 0.99)]
    /// From the last receipt on: the repeat comes after 2 s, and a window that lost too much opens again after 3 s.
    private static let patience = Duration.seconds(12)
    private static let clearance = Duration.seconds(3)

    func run() async throws {
        if let obstacle = NetworkTool.obstacle { return print("loss: skipped, because \(obstacle)") }
        var findings = Findings("loss")
        findings.mention("weather made by", NetworkTool.hasNetem ? "netem" : "the wires (this kernel has no netem)")
        let internet = Internet(seed: seed)
        defer { internet.close() }
        var mesh: [MeshNode] = []
        for number in 0..<nodes {
            let host = try internet.host("5.\(10 + number).7.1")
            mesh.append(try .start("node \(number + 1)", on: host, seeds: Array(mesh.prefix(1))))
        }
        try await mesh.awaitReady()
        try await mesh.awaitLines(nodes - 1, within: .seconds(30))
        for percent in percents { try await suffer(percent, mesh, on: internet, into: &findings) }

        try internet.set(.fair)
        try await mesh.awaitLines(nodes - 1, within: .seconds(30))
        let after = try await Publications.write(messages / 5 + 1, onEachOf: mesh, perSecond: rate, "afterwards")
        let spread = try await after.spread(over: mesh, within: Self.clearance)
        findings.record(
            "delivered afterwards", spread.summary, goal: "all within \(Self.clearance)",
            holds: spread.ratio == 1 && after.failed == 0)
        try await mesh.stop()
        try findings.conclude()
    }

    private func suffer(
        _ lossPercent: Double, _ mesh: [MeshNode], on internet: Internet, into findings: inout Findings
    ) async throws {
        try internet.set(.bad(loss: lossPercent / 100))
        let before = internet.total
        let written = try await Publications.write(
            messages, onEachOf: mesh, perSecond: rate, "at \(lossPercent) %")
        let spread = try await written.spread(over: mesh, within: Self.patience)
        let after = internet.total
        let goal = Self.goals.first { lossPercent <= $0.percent }?.delivered ?? 0
        findings.record(
            "delivered at \(lossPercent) % loss", spread.summary, goal: "\(percent(goal))", holds: spread.ratio >= goal)
        let packets = after.packets - before.packets
        if !NetworkTool.hasNetem, packets > 0 {
            let lost = percent(Double(after.lost - before.lost) / Double(packets))
            findings.mention("  packets, really lost", "\(packets), \(lost)")
        }
        findings.mention("  last one there after", "\((spread.took.seconds * 10).rounded() / 10) s")
        for (name, count) in spread.missing { findings.mention("  missing", "\(count) at \(name)") }
        findings.record(
            "  messages without their receipt", "\(written.failed)", goal: "0", holds: written.failed == 0)
        for node in mesh {
            try node.checkThatItLives()
            _ = try await node.status()
        }
    }
}
