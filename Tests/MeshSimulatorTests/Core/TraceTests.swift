import Testing

@testable import MeshSimulator
@testable import MeshTrouble

/// What switches do to the last byte, in meshes with every kind of trouble. A change of how a switch is built and not
/// what it does leaves these numbers as they are; a change of what it does comes with new ones.
@Suite struct TraceTests {
    /// Loss, repeats, disorder, damage, NATs, crashes, moves, frozen processes and wrong clocks.
    private static let troubled: [UInt64: UInt64] = [
        1: 0x24a6a0ef0591e8a6, 2: 0x7200435c32e73347, 3: 0xdc54273f3f5219c9, 4: 0xdae39f602f9a9c77,
        5: 0xe9c83beed6b1751f, 6: 0xdcb7ec7d8f60441c, 7: 0xb3867c8382d1b6f0, 8: 0x9f4fb2563d70edea,
        9: 0xa0e7dc896ad353b2, 10: 0x8610a2cc796512d6, 11: 0xcfcfdc289f1f4713, 12: 0xf1f658b02c12edbe,
        13: 0x1c0d67664b18fff0, 14: 0x6ee209f84def8b8c,
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

    @Test(arguments: [1: 0xf77296916983162d, 2: 0xe8b8bb2dbab1ac2, 3: 0x13f8277cbb442405] as [UInt64: UInt64])
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
    @Test(arguments: [1: 0x9e110da8195dcc26, 2: 0x1a4ab9ada81bc5bd, 3: 0x7782ba467b8bb6de] as [UInt64: UInt64])
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
