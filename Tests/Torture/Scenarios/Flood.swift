import ArgumentParser
import Bus
import Foundation
import TestSupport

/// A switch under a flood of datagrams that come from everywhere and nobody.
struct Flood: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forged datagrams of eleven kinds pour into one router while it and three others exchange messages.",
        discussion: "Makes network namespaces, which needs root.")

    @Option(help: "Forged datagrams a second.")
    var rate = 100_000.0

    @Option(help: "Seconds of flood.")
    var seconds = 30.0

    @Option(help: "Nodes, the victim included.")
    var nodes = 4

    @Option(help: "Messages a second of each node.")
    var messages = 5.0

    @Option(help: "Seed of the letters and their senders.")
    var seed: UInt64 = 1

    /// Resident bytes of the victim's router at any time.
    private static let memory = 64 << 20
    private static let (delivered, cores) = (0.99, 1.0)
    /// Bytes to a forged address for each byte in its name (RFC 9000, section 8.1).
    private static let amplification = 3.0
    private static let patience = Duration.seconds(10)

    func run() async throws {
        if let obstacle = NetworkTool.obstacle { return print("flood: skipped, because \(obstacle)") }
        var findings = Findings("flood")
        let internet = Internet(seed: seed)
        defer { internet.close() }
        var (mesh, hosts): ([MeshNode], [Host]) = ([], [])
        for number in 0..<nodes {
            let host = try internet.host("5.\(10 + number).7.1")
            hosts.append(host)
            mesh.append(try .start("node \(number + 1)", on: host, seeds: Array(mesh.prefix(1))))
        }
        try await mesh.awaitReady()
        try await mesh.awaitLines(nodes - 1, within: .seconds(30))
        // The one that everybody knows.
        let victim = mesh[0]
        let before = try await victim.status().counters
        let forger = Forger(
            to: hosts[0], at: victim.address, rate: rate, peers: mesh.dropFirst().map(\.address), seed: seed)
        let watch = Task { await Self.watchMemory(of: victim) }
        let used = try ProcessFigures.processorSeconds(of: victim.router)
        let written = try await Publications.write(
            Int(seconds * messages), onEachOf: mesh, perSecond: messages, "in the flood")
        let cores = try ProcessFigures.processorSeconds(of: victim.router) - used
        let tally = await forger.stop()
        watch.cancel()
        let spread = try await written.spread(over: mesh, within: Self.patience)
        let after = try await victim.status()
        record(tally, spread, written, cores: cores / tally.seconds, memory: await watch.value, into: &findings)
        record(internet, before, after, tally, into: &findings)
        findings.record(
            "lines kept", "\(after.lines.proven)", goal: "\(nodes - 1)", holds: after.lines.proven >= nodes - 1)
        try await mesh.stop()
        try findings.conclude()
    }

    private func record(
        _ tally: Forger.Tally, _ spread: Spread, _ written: Publications, cores: Double, memory: Int,
        into findings: inout Findings
    ) {
        findings.record(
            "forged datagrams a second", "\(Int(tally.rate))", goal: "≥ \(Int(rate * 0.9))",
            holds: tally.rate >= rate * 0.9)
        findings.record(
            "messages delivered meanwhile", spread.summary, goal: "≥ \(percent(Self.delivered))",
            holds: spread.ratio >= Self.delivered && written.failed == 0)
        for (name, count) in spread.missing { findings.mention("  missing", "\(count) at \(name)") }
        findings.mention("  without a receipt", "\(written.failed)")
        findings.record(
            "most memory of the router", "\(memory >> 20) MB", goal: "≤ \(Self.memory >> 20) MB",
            holds: memory <= Self.memory)
        findings.record(
            "cores used by the router", "\((cores * 100).rounded() / 100)", goal: "≤ \(Self.cores)",
            holds: cores <= Self.cores)
    }

    private func record(
        _ internet: Internet, _ before: [String: UInt64], _ after: StatusReport, _ tally: Forger.Tally,
        into findings: inout Findings
    ) {
        let astray = internet.astray.values.reduce(0, +)
        findings.record(
            "bytes to forged addresses", "\(astray) for \(tally.bytes)",
            goal: "≤ \(Self.amplification) × as many",
            holds: Double(astray) <= Self.amplification * Double(tally.bytes))
        let arrived = after.counters["telexes_received", default: 0] - before["telexes_received", default: 0]
        findings.mention("datagrams that the router read", "\(arrived)")
        let changes = after.counters.compactMap { name, count in
            let more = count - min(count, before[name] ?? 0)
            return more > 0 ? (name, more) : nil
        }
        for (name, more) in changes.sorted(by: { $0.1 > $1.1 }).prefix(24) {
            findings.mention("  \(name)", "\(more)")
        }
    }

    private static func watchMemory(of node: MeshNode) async -> Int {
        var most = 0
        repeat {
            most = max(most, (try? ProcessFigures.residentBytes(of: node.router)) ?? 0)
        } while await letPass(.milliseconds(250))
        return most
    }
}
