import Testing

@testable import MeshSimulator
@testable import MeshTrouble

/// What switches do to the last byte, in meshes with every kind of trouble. A change of how a switch is built and not
/// what it does leaves these numbers as they are; a change of what it does comes with new ones.
@Suite struct TraceTests {
    /// Loss, repeats, disorder, damage, NATs, crashes, moves, frozen processes and wrong clocks.
    private static let troubled: [UInt64: UInt64] = [
        1: 0x3e725b348f92d391, 2: 0x5284551f7fb0c6a0, 3: 0xe24572b46394e859, 4: 0xf336c8d4ce309bea,
        5: 0x5147c35e8aa0efcb, 6: 0xd5fd048c5eb949d1, 7: 0xc5503c2c506e928d, 8: 0x1db6180dbcbafa10,
        9: 0xf4fa206822193380, 10: 0x77ccdd038b62bb3f, 11: 0xcdc13d9c1cfe560b, 12: 0x94dcc92931b9f630,
        13: 0x66244c23930d4606, 14: 0xb40a0f8a9dc825d,
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

    @Test(arguments: [1: 0xc9a3dd5ecbc215b1, 2: 0x314ba757280a0818, 3: 0xebfa8a398b619e56] as [UInt64: UInt64])
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
    @Test(arguments: [1: 0x8d8b2e172095299c, 2: 0x40700055a45ada8b, 3: 0x4f0afb6fc53797e4] as [UInt64: UInt64])
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
