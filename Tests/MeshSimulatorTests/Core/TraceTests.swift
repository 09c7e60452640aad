import Testing

@testable import MeshSimulator
@testable import MeshTrouble

/// What switches do to the last byte, in meshes with every kind of trouble. A change of how a switch is built and not
/// what it does leaves these numbers as they are; a change of what it does comes with new ones.
@Suite struct TraceTests {
    /// Loss, repeats, disorder, damage, NATs, crashes, moves, frozen processes and wrong clocks.
    private static let troubled: [UInt64: UInt64] = [
        1: 0x4f002f1422489cc4, 2: 0x3ff05550c58beac5, 3: 0x269ee1ae6445ea30, 4: 0x110fa9825b1eb826,
        5: 0xea15469c1d2ff7a1, 6: 0x2f67b0dafa88a316, 7: 0xf86bb0e9b365060d, 8: 0x3f0f8818dc692065,
        9: 0x3c2be0d8922145dc, 10: 0xf2d579058e6660a, 11: 0x3ee93b831628a42f, 12: 0xc82974cd84309b19,
        13: 0x7331dec79f015d68, 14: 0x8e3b9b5fb4cbf136,
    ]

    @Test(arguments: TraceTests.troubled.sorted { $0.key < $1.key }.map(\.key))
    func troubledMesh_doesWhatItDid(_ seed: UInt64) {
        var run = SwarmRun(SwarmPlan(seed: seed, scale: .small))
        expect(run.run().traceHash, TraceTests.troubled[seed], "seed \(seed)")
    }

    @Test func troubledMeshes_haveEveryKindOfTrouble() {
        let plans = TraceTests.troubled.keys.map { SwarmPlan(seed: $0, scale: .small) }
        #expect(Set(plans.flatMap(\.kinds)) == Set(SwarmFault.allCases))
    }

    @Test(arguments: [1: 0x88c6fd4931a28570, 2: 0x95ade07ee850a47c, 3: 0x95f1b10b78dbb2fb] as [UInt64: UInt64])
    func meshWithAttackersAndChurn_doesWhatItDid(_ seed: UInt64, _ hash: UInt64) {
        var parameters = MeshExperiment.Parameters(nodes: 40)
        parameters.seed = seed
        parameters.loss = 0.05
        parameters.dead = 0.1
        parameters.attackers = 0.2
        parameters.sybils = 8
        parameters.churnMedian = .seconds(30)
        parameters.subscribers = 10
        parameters.settling = .seconds(40)
        parameters.quiet = .seconds(10)
        parameters.duration = .seconds(30)
        var experiment = MeshExperiment(parameters)
        expect(experiment.run().traceHash, hash, "seed \(seed)")
    }

    /// The tappers stand in trees of all depths, and some die.
    @Test(arguments: [1: 0x87b78ac457b740f3, 2: 0x3926135892246c76, 3: 0x77e686ab7babf0d8] as [UInt64: UInt64])
    func hotChannel_doesWhatItDid(_ seed: UInt64, _ hash: UInt64) {
        var channel = HotChannel()
        channel.seed = seed
        channel.nodes = 80
        channel.subscribers = 72
        channel.tapsPerEnd = 2
        channel.settling = .seconds(30)
        channel.messages = 4
        channel.dyingInnerSwitches = 0.3
        let report = channel.run()
        #expect(report.subscribersAtLevel.keys.contains { $0 > 1 })
        expect(report.traceHash, hash, "seed \(seed)")
    }

    private func expect(_ hash: UInt64, _ written: UInt64?, _ name: String) {
        #expect(hash == written, "\(name): 0x\(String(hash, radix: 16))")
    }
}
