import Testing

@testable import MeshSimulator
@testable import MeshTrouble

/// What switches do to the last byte, in meshes with every kind of trouble. A change of how a switch is built and not
/// what it does leaves these numbers as they are; a change of what it does comes with new ones.
@Suite struct TraceTests {
    /// Loss, repeats, disorder, damage, NATs, crashes, moves, frozen processes and wrong clocks.
    private static let troubled: [UInt64: UInt64] = [
        1: 0xf56e3df4831e8ecc, 2: 0x1af6d78dc12525c5, 3: 0x4412d8be5feb4354, 4: 0xd619e5efeab8dc8e,
        5: 0x913a3f57a5a5575f, 6: 0x310e1d6ddfc416ea, 7: 0x62ac6e34f802bcdd, 8: 0xa3cc85f59668b922,
        9: 0x4f45eec4cff3b8b8, 10: 0x7d0d1861b628bd6c, 11: 0xf100b9302de59f7c, 12: 0x484d3210373c2d7e,
        13: 0x4e6de49a2a836ae4, 14: 0x11627ddac17b7c1,
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

    @Test(arguments: [1: 0x2c347a393b718270, 2: 0xadd44a987e2b5fd8, 3: 0xefa5cd88f2a48497] as [UInt64: UInt64])
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
    @Test(arguments: [1: 0xdefe8687d35850, 2: 0x5fa698e8aa49a99, 3: 0x9633dfb749187e5c] as [UInt64: UInt64])
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
