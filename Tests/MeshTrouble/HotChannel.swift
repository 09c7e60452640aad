import MeshSimulator
import Telehash
import TelehashWire

/// One channel with more subscribers than its closest switches serve: builds the mesh, lets trees of tappers grow,
/// publishes, and measures who heard what when and what it cost each switch.
package struct HotChannel: Sendable {
    package var nodes = 2_000
    /// The nodes that listen; the others only take part in the mesh.
    package var subscribers = 2_000
    /// Tappers that one switch serves: ``Telehash/TreeLimits/tapsPerEnd``.
    package var tapsPerEnd = 32
    /// Hosts that each subscriber wants to be served by: ``Telehash/TreeLimits/parentsWanted``.
    package var parentsWanted = Limits.default.trees.parentsWanted
    /// Of each datagram, 0…1.
    package var loss = 0.02
    /// How long every datagram travels.
    package var delay: Duration = .milliseconds(100)
    package var messages = 20
    package var seed: UInt64 = 1
    /// Nodes that join, and subscribers that begin to listen, in a second.
    package var arrivalsPerSecond = 50
    /// Time between the last arrival and the first message.
    package var settling: Duration = .seconds(60)
    /// Share of the subscribers that serve others and die without notice before the second half of the messages.
    package var dyingInnerSwitches = 0.0
    /// Time between two messages.
    package var interval: Duration = .seconds(5)

    package init() {}

    static let end = NodeID(sha1Of: "a hot channel")
}

/// What a run of ``HotChannel`` showed. Ratios are 0…1.
package struct HotChannelReport: Sendable {
    package var nodes = 0
    package var subscribers = 0
    package var published = 0
    /// Of all pairs of a message and a subscriber that was up, those that were delivered.
    package var deliveredRatio = 0.0
    /// The same for each message, in their order.
    package var deliveredByMessage: [Double] = []
    /// The most copies of one message that one switch sent.
    package var largestCopies = 0
    package var latencyP50: Duration = .zero
    package var latencyP99: Duration = .zero
    package var latencyMax: Duration = .zero
    /// How many messages were delivered at each hop.
    package var deliveredAtHop: [Int: Int] = [:]
    /// How many subscribers stand at each level below the closest switches.
    package var subscribersAtLevel: [Int: Int] = [:]
    /// How many subscribers have so many parents.
    package var subscribersWithParents: [Int: Int] = [:]
    /// How many messages were missed by subscribers of each level.
    package var missedAtLevel: [Int: Int] = [:]
    /// Subscribers that died.
    package var died = 0
    package var largestAmplification = 0.0
    package var violations: [MeshViolation] = []
    package var telexes = 0
    package var simulated: Duration = .zero
    package var traceHash: UInt64 = 0
}

extension HotChannel {
    /// Runs it. `progress` hears in words what goes on.
    package func run(progress: (String) -> Void = { _ in }) -> HotChannelReport {
        var faults = NetworkFaults()
        faults.delay = .uniform(from: delay, to: delay)
        faults.loss = loss
        var mesh = Mesh(seed: seed, faults: faults)
        var random = SeededGenerator(seed: seed ^ 0x407)
        grow(&mesh, using: &random)
        progress("\(nodes) nodes joined")
        let listeners = Array((1..<nodes).shuffled(using: &random).prefix(subscribers))
        subscribe(listeners, in: &mesh)
        mesh.run(for: settling)
        progress("\(listeners.count) subscribers settled after \(mesh.now.nanoseconds / 1_000_000_000) s")
        var report = HotChannelReport()
        report.nodes = nodes
        report.subscribers = listeners.count
        measureStandings(of: listeners, in: mesh, into: &report)
        speak(to: listeners, in: &mesh, using: &random, into: &report, progress)
        report.largestAmplification = mesh.largestAmplification
        report.violations = mesh.violations
        report.telexes = mesh.counters.sent
        report.simulated = Instant.zero.duration(to: mesh.now)
        report.traceHash = mesh.traceHash
        return report
    }

    /// Everybody joins through two who came before.
    private func grow(_ mesh: inout Mesh, using random: inout SeededGenerator) {
        var limits = Limits.default
        limits.trees.tapsPerEnd = tapsPerEnd
        limits.exchange.copiesPerSignal = 2 * tapsPerEnd
        limits.trees.parentsWanted = parentsWanted
        mesh.addNode(limits: limits)
        for number in 1..<nodes {
            if number % max(arrivalsPerSecond / 10, 1) == 0 { mesh.run(for: .milliseconds(100)) }
            let seeds = Set((0..<2).map { _ in Int.random(in: 0..<number, using: &random) })
            mesh.addNode(seeds: seeds.sorted(), limits: limits)
        }
        mesh.run(for: .seconds(30))
    }

    private func subscribe(_ listeners: [Int], in mesh: inout Mesh) {
        for (count, listener) in listeners.enumerated() {
            if count % max(arrivalsPerSecond / 10, 1) == 0 { mesh.run(for: .milliseconds(100)) }
            mesh.tap([HotChannel.end], at: listener)
        }
    }

    private func speak(
        to listeners: [Int], in mesh: inout Mesh, using random: inout SeededGenerator,
        into report: inout HotChannelReport, _ progress: (String) -> Void
    ) {
        var latencies: [Int64] = []
        var expected = 0
        for number in 0..<messages {
            if number == messages / 2, dyingInnerSwitches > 0 {
                report.died = killInnerSwitches(among: listeners, in: &mesh, using: &random)
                progress("\(report.died) subscribers that serve others died")
            }
            let hearers = Set(listeners.filter(mesh.isUp))
            let copies = mesh.nodes.map(\.node.copiesSent)
            _ = mesh.takeDeliveries()
            let start = mesh.now
            let speaker = (0..<nodes).filter(mesh.isUp).randomElement(using: &random) ?? 0
            mesh.publish(["+key": "somebody", "+message": "number \(number)"], to: HotChannel.end, from: speaker)
            mesh.run(for: interval)
            let heard = mesh.takeDeliveries().filter { hearers.contains($0.node) && $0.node != speaker }
            let listening = hearers.subtracting([speaker]).count
            expected += listening
            for delivery in heard {
                latencies.append(delivery.time.nanoseconds(since: start))
                report.deliveredAtHop[delivery.delivery.hop, default: 0] += 1
            }
            for missing in hearers.subtracting(heard.map(\.node)) where missing != speaker {
                let level = mesh.nodes[missing].node.standing(of: HotChannel.end)?.level ?? WireLimits.largestHop
                report.missedAtLevel[level, default: 0] += 1
            }
            report.deliveredByMessage.append(Double(heard.count) / Double(max(listening, 1)))
            for (before, node) in zip(copies, mesh.nodes) {
                report.largestCopies = max(report.largestCopies, Int(node.node.copiesSent - before))
            }
            progress("message \(number + 1): \(heard.count) of \(listening)")
        }
        report.published = messages
        report.deliveredRatio = Double(latencies.count) / Double(max(expected, 1))
        latencies.sort()
        func latency(_ share: Double) -> Duration {
            guard !latencies.isEmpty else { return .zero }
            return .nanoseconds(latencies[min(latencies.count - 1, Int(share * Double(latencies.count)))])
        }
        report.latencyP50 = latency(0.5)
        report.latencyP99 = latency(0.99)
        report.latencyMax = latency(1)
    }

    private func killInnerSwitches(
        among listeners: [Int], in mesh: inout Mesh, using random: inout SeededGenerator
    ) -> Int {
        let inner = listeners.filter { (mesh.nodes[$0].node.standing(of: HotChannel.end)?.children ?? 0) > 0 }
        let dying = inner.shuffled(using: &random).prefix(Int(Double(inner.count) * dyingInnerSwitches))
        for node in dying { mesh.kill(node) }
        return dying.count
    }

    private func measureStandings(of listeners: [Int], in mesh: Mesh, into report: inout HotChannelReport) {
        for listener in listeners {
            guard let standing = mesh.nodes[listener].node.standing(of: HotChannel.end) else { continue }
            report.subscribersAtLevel[standing.level, default: 0] += 1
            report.subscribersWithParents[standing.parents, default: 0] += 1
        }
    }
}

extension HotChannelReport: CustomStringConvertible {
    package var description: String {
        func row(_ name: String, _ value: some Any) -> String { "\(name): \(value)\n" }
        func table(_ counts: [Int: Int]) -> String {
            counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        }
        return row("nodes", nodes) + row("subscribers", subscribers) + row("published", published)
            + row("delivered", deliveredRatio) + row("worst message", deliveredByMessage.min() ?? 0)
            + row("most copies by one switch", largestCopies)
            + row("latency p50, p99, max", "\(latencyP50), \(latencyP99), \(latencyMax)")
            + row("delivered at hop", table(deliveredAtHop)) + row("subscribers at level", table(subscribersAtLevel))
            + row("subscribers with parents", table(subscribersWithParents))
            + row("missed at level", table(missedAtLevel)) + row("died", died)
            + row("largest amplification", largestAmplification) + row("violations", violations.count)
            + row("telexes", telexes) + row("simulated", simulated)
            + row("trace", String(traceHash, radix: 16))
    }
}
