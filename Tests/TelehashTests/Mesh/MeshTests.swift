import MeshSimulator
import MeshTrouble
import Telehash
import Testing

/// Whole meshes of production switches on a virtual clock.
@Suite struct MeshTests {
    @Test(arguments: [1, 2] as [UInt64])
    func publication_whenThirtyNodesHaveMet_reachesEveryTapper(_ seed: UInt64) {
        var scenario = MeshScenario(seed: seed, nodes: 30)
        scenario.mesh.run(for: .seconds(30))
        for member in scenario.members {
            let status = scenario.mesh.status(of: member)
            #expect(status.address == scenario.mesh.endpoint(of: member), "seed \(seed), node \(member)")
            #expect(status.proven >= 8, "seed \(seed), node \(member)")
        }
        for speaker in [0, 7, 29] {
            let said = scenario.say("from \(speaker)", from: speaker)
            #expect(scenario.missing(said.signals, from: speaker) == [], "seed \(seed), speaker \(speaker)")
            #expect(scenario.doubled(said.signals) == [], "seed \(seed), speaker \(speaker)")
            let progress = scenario.mesh.progress[said.id]
            #expect(progress?.finished == true)
            #expect((progress?.handed ?? 0) >= 8, "seed \(seed)")
            #expect((progress?.taken ?? 0) >= 1, "seed \(seed)")
            #expect((progress?.taken ?? 0) <= (progress?.handed ?? 0), "seed \(seed)")
        }
        scenario.expectNoViolation()
    }

    /// Where nothing is lost and nothing overtakes, every copy whose fate is followed is known to have arrived.
    @Test func publication_whenTheNetworkKeepsOrder_isKnownToBeTakenEverywhere() {
        var faults = NetworkFaults()
        faults.delay = .uniform(from: .milliseconds(20), to: .milliseconds(20))
        var scenario = MeshScenario(seed: 6, nodes: 20, faults: faults)
        scenario.mesh.run(for: .seconds(30))
        for speaker in [0, 7, 19] {
            let said = scenario.say("from \(speaker)", from: speaker)
            let progress = scenario.mesh.progress[said.id]
            #expect(progress?.finished == true)
            #expect((progress?.handed ?? 0) >= 8)
            #expect(progress?.taken == progress?.handed)
        }
    }

    @Test func publication_whenTwoNodesAreAlone_reachesTheOther() {
        var scenario = MeshScenario(seed: 4, nodes: 2)
        scenario.mesh.run(for: .seconds(2))
        for speaker in [0, 1] {
            let said = scenario.say("from \(speaker)", from: speaker, wait: .seconds(1))
            #expect(scenario.missing(said.signals, from: speaker) == [])
            #expect((scenario.mesh.progress[said.id]?.handed ?? 0) == 1)
        }
        scenario.expectNoViolation()
    }

    /// Their lines are remembered for a minute, so that there are soon more of them around any end than it has hosts.
    @Test(arguments: [31, 32, 33, 34, 35, 36] as [UInt64])
    func publication_whenSwitchesComeAndGoWithoutAWord_reachesThoseWhoStay(_ seed: UInt64) {
        var scenario = MeshScenario(seed: seed, nodes: 3)
        scenario.mesh.run(for: .seconds(10))
        var missed: [Int] = []
        for turn in 0..<90 {
            let visitor = scenario.mesh.addNode(seeds: [scenario.members[0]])
            let speaker = turn % 3
            let said = scenario.say("turn \(turn)", from: speaker, wait: .milliseconds(600))
            scenario.mesh.kill(visitor)
            scenario.mesh.run(for: .milliseconds(400))
            if !scenario.missing(said.signals, from: speaker).isEmpty { missed.append(turn) }
        }
        #expect(missed.count <= 4, "seed \(seed): \(missed)")
    }

    @Test func everyDelivery_isWithinFourHops() {
        var scenario = MeshScenario(seed: 5, nodes: 30)
        scenario.mesh.run(for: .seconds(20))
        for speaker in 0..<10 { _ = scenario.say("\(speaker)", from: speaker, wait: .seconds(1)) }
        #expect(scenario.mesh.deliveries.count >= 10 * 29)
        #expect(scenario.mesh.deliveries.allSatisfy { (0...4).contains($0.delivery.hop) })
    }

    @Test(arguments: [11, 12] as [UInt64])
    func publication_whenOneDatagramInTwentyIsLost_reachesEveryTapperByItsRepeat(_ seed: UInt64) {
        var faults = NetworkFaults()
        faults.loss = 0.05
        faults.duplication = 0.02
        faults.reordering = 0.05
        faults.delay = .longTailed(floor: .milliseconds(10), ceiling: .seconds(2))
        var scenario = MeshScenario(seed: seed, nodes: 20, faults: faults)
        scenario.mesh.run(for: .seconds(60))
        for number in 0..<10 {
            let said = scenario.say("number \(number)", from: number)
            #expect(scenario.missing(said.signals, from: number) == [], "seed \(seed), speaker \(number)")
            #expect(scenario.doubled(said.signals) == [], "seed \(seed), speaker \(number)")
        }
        #expect(scenario.mesh.counters.lost > 100)
        scenario.expectNoViolation()
    }

    @Test(arguments: [21, 22] as [UInt64])
    func publication_whenTheSeedHasBeenKilled_reachesTheOthers(_ seed: UInt64) {
        var scenario = MeshScenario(seed: seed, nodes: 20)
        scenario.mesh.run(for: .seconds(30))
        scenario.mesh.kill(0)
        for (number, speaker) in [1, 10, 19].enumerated() {
            let said = scenario.say("without the seed \(number)", from: speaker)
            #expect(scenario.missing(said.signals, from: speaker) == [], "seed \(seed), right after")
        }
        scenario.mesh.run(for: .seconds(120))
        let later = scenario.say("long without the seed", from: 5)
        #expect(scenario.missing(later.signals, from: 5) == [], "seed \(seed), two minutes later")
        scenario.expectNoViolation()
    }

    @Test func node_whenItComesBackWithNothing_isReachedAgain() {
        var scenario = MeshScenario(seed: 31, nodes: 20)
        scenario.mesh.run(for: .seconds(30))
        scenario.mesh.kill(7)
        scenario.mesh.run(for: .seconds(5))
        scenario.mesh.restart(7)
        scenario.mesh.run(for: .seconds(30))
        let there = scenario.say("to the one that is back", from: 3)
        #expect(scenario.missing(there.signals, from: 3) == [])
        let back = scenario.say("from the one that is back", from: 7)
        #expect(scenario.missing(back.signals, from: 7) == [])
        scenario.expectNoViolation()
    }

    @Test func seed_whenItComesBack_isReachedAgain() {
        var scenario = MeshScenario(seed: 32, nodes: 10)
        scenario.mesh.run(for: .seconds(30))
        scenario.mesh.kill(0)
        scenario.mesh.run(for: .seconds(100))
        scenario.mesh.restart(0)
        scenario.mesh.run(for: .seconds(90))
        let said = scenario.say("to the seed", from: 3)
        #expect(scenario.missing(said.signals, from: 3) == [])
        scenario.expectNoViolation()
    }

    @Test func publication_whenTheNetworkIsCut_staysOnItsSideUntilItHeals() {
        var scenario = MeshScenario(seed: 41, nodes: 20)
        scenario.mesh.run(for: .seconds(30))
        scenario.mesh.split(into: [Array(0..<10)])
        let cut = scenario.say("to my side", from: 2)
        #expect(scenario.missing(cut.signals, from: 2).allSatisfy { $0 >= 10 })
        #expect(scenario.mesh.deliveries(of: cut.signals).allSatisfy { $0.node < 10 })
        #expect(scenario.missing(cut.signals, from: 2).count == 10)
        scenario.mesh.heal()
        scenario.mesh.run(for: .seconds(60))
        let healed = scenario.say("to everybody", from: 2)
        #expect(scenario.missing(healed.signals, from: 2) == [])
        scenario.expectNoViolation()
    }
}
