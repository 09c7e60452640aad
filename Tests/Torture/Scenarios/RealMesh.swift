import ArgumentParser
import BusClient
import Foundation
import Messages
import Synchronization
import Telehash
import TelehashWire
import TestSupport

/// Many real routers, compared with as many simulated ones.
struct RealMesh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mesh",
        abstract: "Thirty router processes on this machine find and reach each other as the simulator says.")

    @Option(help: "Router processes.")
    var routers = 30

    @Option(help: "Switches that join them one after the other, and look places up.")
    var probes = 10

    @Option(help: "Lookups of each probe.")
    var lookups = 40

    @Option(help: "Messages of each router.")
    var messages = 10

    @Option(help: "Seconds until the routers know each other.")
    var settling = 20.0

    @Option(help: "Seed of the simulated mesh.")
    var seed: UInt64 = 1

    /// By how much the real mesh may differ.
    private static let tolerance = 0.2
    private static let joining = Duration.seconds(2)
    private static let patience = Duration.seconds(10)

    func run() async throws {
        var findings = Findings("mesh")
        let plan = MeshPlan(
            routers: routers, probes: probes, lookups: lookups, messages: messages, settling: .seconds(settling),
            joining: Self.joining)
        let real = try await measure(plan)
        let simulated = plan.simulated(seed: seed)
        findings.record(
            "lookups that found the nearest", "\(percent(real.success)) of \(real.lookups)",
            goal: "≥ 99.9 % (simulated: \(percent(simulated.success)))", holds: real.success >= 0.999)
        compare("hops of a lookup", real.meanHops, simulated.meanHops, into: &findings)
        compare("switches asked by a lookup", real.meanQueries, simulated.meanQueries, into: &findings)
        compare("share of copies delivered", real.deliveredRatio, simulated.deliveredRatio, into: &findings)
        findings.record(
            "copies delivered", "\(percent(real.deliveredRatio)) of \(real.wanted)", goal: "≥ 99.9 %",
            holds: real.deliveredRatio >= 0.999)
        try findings.conclude()
    }

    private func compare(_ what: String, _ real: Double, _ simulated: Double, into findings: inout Findings) {
        func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        let difference = abs(real - simulated)
        findings.record(
            what, short(real), goal: "\(short(simulated)) ± 20 %, as simulated",
            holds: difference <= Self.tolerance * simulated)
    }

    private func measure(_ plan: MeshPlan) async throws -> MeshFigures {
        let start = ContinuousClock.now
        var mesh: [MeshNode] = []
        for number in 0..<plan.routers {
            mesh.append(try .start("router \(number + 1)", seeds: Array(mesh.prefix(1))))
            if number == 0 { try await mesh[0].awaitReady() }
        }
        try await mesh.awaitReady()
        let audience = Audience()
        let listening = Task { [mesh] in await audience.listen(to: mesh) }
        try await letTimePass(plan.settling)
        note("\(mesh.count) routers are up after \(start.duration(to: .now).seconds.rounded()) s")

        var figures = MeshFigures()
        var others = mesh.compactMap { Endpoint(ipv4: $0.address.host, port: $0.address.port) }
        var probes: [Probe] = []
        for number in 0..<plan.probes {
            let probe = try Probe(seeds: [mesh[number % mesh.count].address])
            probes.append(probe)
            try await letTimePass(plan.joining)
            for index in 0..<plan.lookups {
                let report = try await probe.lookUp(NodeID(sha1Of: "a place \(number) \(index)"))
                figures.note(report, among: others)
            }
            others.append(probe.endpoint)
        }
        let sent = try await Publications.write(plan.messages, onEachOf: mesh, perSecond: 2, "to all")
        figures.wanted = sent.count * (mesh.count - 1)
        let deadline = ContinuousClock.now + Self.patience
        repeat {
            figures.delivered = audience.copies(of: sent)
            if figures.delivered == figures.wanted { break }
            try await letTimePass(.milliseconds(100))
        } while ContinuousClock.now < deadline
        if sent.failed > 0 { note("\(sent.failed) messages got no receipt") }
        for probe in probes { probe.stop() }
        listening.cancel()
        try await mesh.stop()
        return figures
    }
}

/// What followers of each router heard.
private final class Audience: Sendable {
    private let heard = Mutex<[Int: Set<MessageID>]>([:])

    /// Until the task is cancelled.
    func listen(to mesh: [MeshNode]) async {
        await withTaskGroup(of: Void.self) { group in
            for (number, node) in mesh.enumerated() {
                group.addTask {
                    for await case .message(let message, _) in node.client.follow(channels: [.tweets]) {
                        self.heard.withLock { _ = $0[number, default: []].insert(message.id) }
                    }
                }
            }
        }
    }

    /// How many messages were heard at routers other than their author's, each counted at each.
    func copies(of sent: Publications) -> Int {
        heard.withLock { heard in
            var copies = 0
            for (author, ids) in sent.byNode.enumerated() {
                for (reader, messages) in heard where reader != author { copies += ids.count(where: messages.contains) }
            }
            return copies
        }
    }
}
