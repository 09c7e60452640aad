import MeshSimulator
import MeshTrouble
import Telehash
import TelehashWire
import Testing

/// Threats T7 to T10 and T27 against whole meshes.
@Suite struct MeshThreatTests {
    private static let nodes = ThreatScale.count(50, full: 1_000)

    @Test func host_withThousandsOfPortsInTheMesh_isOneOfAnyClosestSetAtMost() throws {
        var crowd = MeshCrowd(seed: 107, nodes: Self.nodes)
        let ports = ThreatScale.count(300, full: 64_512)
        var plan = Colluders.Plan()
        plan.neighbours = 2
        plan.acquaintances = 1
        plan.arrival = .seconds(40)
        plan.renewal = .seconds(50)
        let endpoints = (0..<ports).map { Solo.endpoint("66.77.88.99:\(1_024 + $0)") }
        crowd.mesh.addColluders(at: endpoints, plan: plan)
        crowd.listen(20, settling: .seconds(60))
        var worst = 0
        var ids: [LookupID] = []
        var random = SeededGenerator(seed: 107)
        for number in 0..<ThreatScale.count(20, full: 500) {
            let id = LookupID(value: UInt64(number))
            let asker = crowd.honest[Int.random(in: 0..<crowd.honest.count, using: &random)]
            crowd.mesh.lookUp(NodeID(sha1Of: "key \(number)"), as: id, from: asker)
            ids.append(id)
            crowd.mesh.run(for: .milliseconds(100))
        }
        crowd.mesh.run(for: .seconds(5))
        for id in ids {
            let found = try #require(crowd.mesh.found[id]).closest
            worst = max(worst, found.count { $0.isSameHost(as: endpoints[0]) })
        }
        for node in crowd.honest { worst = max(worst, crowd.hosts(of: node).count { $0.isSameHost(as: endpoints[0]) }) }
        let delivery = crowd.delivery(of: ThreatScale.count(10, full: 50))
        ThreatScale.report("T7 \(Self.nodes) nodes, \(ports) ports: \(worst) of 8 at most, delivery \(delivery)")
        #expect(worst <= 1)
        #expect(delivery >= 0.99)
    }

    @Test(arguments: ThreatScale.isFull ? [10, 20, 30, 50] : [20])
    func message_whenSwitchesCollude_arrives(_ percent: Int) {
        var crowd = MeshCrowd(seed: 108, nodes: Self.nodes)
        crowd.mesh.addColluders(percent: Double(percent))
        crowd.mesh.run(for: .seconds(90))
        crowd.listen(20)
        let delivery = crowd.delivery(of: ThreatScale.count(10, full: 50))
        ThreatScale.report("T8 \(Self.nodes) nodes, \(percent) % collude: delivery \(delivery)")
        #expect(delivery >= (percent >= 50 ? 0.95 : 0.99), "seed 108, \(percent) %")
    }

    @Test func message_whenTwentySybilsSurroundItsEnd_arrives() {
        let guarded = siege(limits: .default)
        ThreatScale.report(
            "T9 \(Self.nodes) nodes, 20 sybils: delivery \(guarded.delivery);"
                + " they are the closest 8 for \(guarded.captured) nodes")
        #expect(guarded.captured > 0, "the attack takes place")
        #expect(guarded.delivery >= 0.95, "seed 109")
        var gullible = Limits.default
        gullible.routing.densityQuorum = .max
        let plain = siege(limits: gullible).delivery
        ThreatScale.report("T9 without a judgement of density: delivery \(plain)")
        #expect(plain < 0.9, "whoever believes every closest set is cut off")
    }

    /// Twenty sybils around the wall, nearer than anybody honest: what arrives, and for how many they are the closest 8.
    private func siege(limits: Limits) -> (delivery: Double, captured: Int) {
        var crowd = MeshCrowd(seed: 109, nodes: Self.nodes, settling: .seconds(90), limits: limits)
        let sybils = crowd.mesh.sybilEndpoints(nearest: MeshCrowd.wall, count: 20, tries: 50 * Self.nodes)
        crowd.mesh.addColluders(at: sybils)
        crowd.mesh.run(for: .seconds(90))
        crowd.listen(20, settling: .seconds(30))
        let captured = crowd.honest.count { Set(crowd.hosts(of: $0).prefix(8)).isSubset(of: sybils) }
        return (crowd.delivery(of: ThreatScale.count(10, full: 50)), captured)
    }

    /// Two hosts with all their ports talk to a switch that starts, before anybody else can.
    @Test func switch_whenItStartsUnderSiege_findsHonestNeighbours() {
        let restarts = ThreatScale.count(2, full: 1_000)
        var crowd = MeshCrowd(seed: 110, nodes: 30)
        let victim = crowd.mesh.addNode(seeds: [0, 11])
        let ports = ThreatScale.count(200, full: 64_000)
        let endpoints = (0..<ports).flatMap {
            [Solo.endpoint("66.1.1.1:\(1_024 + $0)"), Solo.endpoint("67.2.2.2:\(1_024 + $0)")]
        }
        var plan = Colluders.Plan()
        plan.neighbours = 1
        plan.acquaintances = 0
        plan.arrival = .seconds(max(1, 2 * ports / 1_000))
        plan.renewal = plan.arrival
        let siege = Colluders(
            endpoints, against: [crowd.mesh.endpoint(of: victim)], plan: plan, now: crowd.mesh.now,
            random: crowd.mesh.freshGenerator())
        crowd.mesh.addPeer(siege, at: endpoints)
        var survived = 0
        for _ in 0..<restarts {
            crowd.mesh.kill(victim)
            crowd.mesh.run(for: .seconds(5))
            crowd.mesh.restart(victim)
            crowd.mesh.run(for: .seconds(60))
            if crowd.honestLines(of: victim) >= 3 { survived += 1 }
        }
        ThreatScale.report("T10 \(restarts) restarts under siege: \(survived) with 3 honest lines after a minute")
        #expect(Double(survived) >= 0.99 * Double(restarts))
    }

    @Test func message_whenThreeOfEightHostsDropAll_arrivesAndTheyAreReplaced() {
        let runs = ThreatScale.count(1, full: 20)
        var replaced = 0
        var pairs = 0
        var worst = 1.0
        for run in 0..<runs {
            let seed = UInt64(270 + run)
            var crowd = MeshCrowd(seed: seed, nodes: ThreatScale.count(40, full: 100))
            // Nearer to the wall than nearly all others, so they are among the closest eight of everybody.
            let hosts = crowd.mesh.sybilEndpoints(nearest: MeshCrowd.wall, count: 3, tries: 2_000)
            for host in hosts { crowd.mesh.addSuppressor(seeds: [0], at: host) }
            crowd.mesh.run(for: .seconds(60))
            crowd.listen(10)
            let droppers = Set(hosts)
            for listener in crowd.listeners { #expect(!droppers.isDisjoint(with: crowd.hosts(of: listener))) }
            worst = min(worst, crowd.delivery(of: ThreatScale.count(12, full: 24), apart: .seconds(30)))
            for listener in crowd.listeners {
                pairs += 1
                if droppers.isDisjoint(with: crowd.hosts(of: listener)) { replaced += 1 }
            }
        }
        ThreatScale.report("T27 \(runs) runs: delivery \(worst) at worst; \(replaced) of \(pairs) replaced all three")
        #expect(worst >= 0.999)
        #expect(Double(replaced) >= 0.95 * Double(pairs))
    }
}
