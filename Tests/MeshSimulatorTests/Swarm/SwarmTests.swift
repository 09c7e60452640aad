import Testing

@testable import MeshSimulator
@testable import MeshTrouble

/// Small meshes, each in trouble of its own. `Tests/Simulation/run swarm` does the same with larger ones and a thousand
/// seeds.
@Suite struct SwarmTests {
    @Test(arguments: Array(0..<3))
    func mesh_thatWasInTrouble_keptTheRulesAndIsWellThreeMinutesLater(_ tenth: Int) {
        for seed in UInt64(1 + 10 * tenth)...UInt64(10 + 10 * tenth) {
            var run = SwarmRun(SwarmPlan(seed: seed, scale: .small))
            let outcome = run.run()
            guard !outcome.failures.isEmpty else { continue }
            Issue.record(
                "seed \(seed): \(outcome.failures.map(\.description))\nTests/Simulation/run swarm --small --from \(seed) --seeds 1"
            )
        }
    }

    @Test(arguments: Array(1...10) as [UInt64])
    func run_whenTheSeedIsTheSame_isTheSame(_ seed: UInt64) {
        let plan = SwarmPlan(seed: seed, scale: .small)
        var first = SwarmRun(plan)
        var second = SwarmRun(plan)
        let outcome = first.run()
        let repeated = second.run()
        #expect(outcome.traceHash == repeated.traceHash, "seed \(seed)")
        #expect(outcome.events == repeated.events, "seed \(seed)")
    }

    @Test func plans_drawEveryKindOfTrouble() {
        let plans = (1...100).map { SwarmPlan(seed: UInt64($0)) }
        for fault in SwarmFault.allCases {
            #expect((20...60).contains(plans.count { $0.kinds.contains(fault) }), "\(fault)")
        }
        #expect(plans.allSatisfy { (8...30).contains($0.nodes) })
        #expect(Set(plans.flatMap { $0.incidents.map(\.fault) }).count == 9)
    }

    /// A mesh whose lookups ask nobody: the swarm must see that, and find out that no trouble is needed for it.
    @Test func failure_isFoundAndShrunkToItsEssence() throws {
        var plan = SwarmPlan(seed: 7, scale: .small)
        plan.limits.routing.lookupQuestions = 0
        var run = SwarmRun(plan)
        let outcome = run.run()
        #expect(outcome.failures.contains { $0.kind == "lookup" })
        var shrinker = SwarmShrinker()
        let smallest = shrinker.shrink(outcome)
        #expect(smallest.kinds.isEmpty)
        #expect(smallest.incidents.isEmpty)
        #expect(smallest.nodes == 2)
        #expect(smallest.trouble < .seconds(4))
        var last = SwarmRun(smallest, watching: 0)
        let final = last.run()
        #expect(!final.failures.isEmpty)
        #expect(!final.log.isEmpty)
    }

    /// A switch delivers each message once. A damaged copy of an early message must not read as the one by which the mesh
    /// is judged.
    @Test func messageAfterTheTrouble_isNoDamagedMessageOfTheTrouble() {
        let during = (1...99).map { SwarmRun.text(of: $0, isTroubled: true) }
        let after = (1...99).map { SwarmRun.text(of: $0, isTroubled: false) }
        for (text, damaged) in after.flatMap({ text in during.map { (text, $0) } }) where text.count == damaged.count {
            let flipped = zip(text.utf8, damaged.utf8).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            #expect(flipped > 1, "\(damaged) becomes \(text)")
        }
    }

    /// Each half sees that the hosts of the other bring nothing, and passes over them for a quarter of an hour.
    @Test func mesh_thatWasCutInTwo_deliversFromHalfToHalf() {
        var plan = SwarmPlan(seed: 681)
        for fault in SwarmFault.allCases { plan = plan.without(fault) }
        plan = plan.with(nodes: 7).with(trouble: .seconds(98))
        plan.incidents = [
            SwarmIncident(
                fault: .partitions, what: .split([0, 2, 3]), at: .milliseconds(10_223), lasts: .milliseconds(49_070))
        ]
        var run = SwarmRun(plan)
        let failures = run.run().failures.map(\.description)
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test func plan_withoutAKindOfTrouble_hasNoneOfIt() {
        for seed in 1...50 as ClosedRange<UInt64> {
            var plan = SwarmPlan(seed: seed)
            for fault in SwarmFault.allCases { plan = plan.without(fault) }
            #expect(plan.kinds.isEmpty && plan.incidents.isEmpty && plan.nats.isEmpty)
            #expect(plan.network.loss == 0 && plan.network.duplication == 0 && plan.network.reordering == 0)
            #expect(plan.network.corruption == 0 && plan.network.truncation == 0)
        }
    }
}
