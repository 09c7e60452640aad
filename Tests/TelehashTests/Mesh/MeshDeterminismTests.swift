import MeshSimulator
import MeshTrouble
import Telehash
import Testing

@Suite struct MeshDeterminismTests {
    private func run(seed: UInt64, textSuffix: String = "") -> (hash: UInt64, counters: MeshCounters) {
        var faults = NetworkFaults()
        faults.loss = 0.1
        faults.duplication = 0.05
        faults.reordering = 0.1
        faults.corruption = 0.01
        var scenario = MeshScenario(seed: seed, nodes: 10, faults: faults)
        scenario.mesh.run(for: .seconds(10))
        for speaker in 0..<3 { _ = scenario.say("\(speaker)\(textSuffix)", from: speaker, wait: .seconds(2)) }
        scenario.mesh.kill(0)
        scenario.mesh.run(for: .seconds(10))
        scenario.mesh.restart(0)
        scenario.mesh.run(for: .seconds(10))
        return (scenario.mesh.traceHash, scenario.mesh.counters)
    }

    /// Dictionaries iterate in another order in each run; nothing that a switch does may depend on it.
    @Test(arguments: [1, 2] as [UInt64])
    func run_whenTheSeedIsTheSame_isTheSame(_ seed: UInt64) {
        let first = run(seed: seed)
        let second = run(seed: seed)
        #expect(first.hash == second.hash, "seed \(seed)")
        #expect(first.counters == second.counters, "seed \(seed)")
        #expect(first.counters.corrupted > 0)
    }

    @Test func run_whenAnythingDiffers_hasAnotherHash() {
        let hashes = [run(seed: 1).hash, run(seed: 2).hash, run(seed: 1, textSuffix: "!").hash]
        #expect(Set(hashes).count == 3)
    }
}
