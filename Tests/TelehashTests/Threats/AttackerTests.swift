import MeshSimulator
import MeshTrouble
import Telehash
import TelehashWire
import Testing

/// The attackers themselves: a test against attackers that do nothing shows nothing.
@Suite struct AttackerTests {
    @Test func ring_namesTheNearestAsASortOfAllDoes() {
        var random = SeededGenerator(seed: 5)
        var mesh = Mesh(seed: 5)
        for size in [0, 1, 7, 8, 9, 300] {
            let endpoints = mesh.freshEndpoints(size)
            let ring = AddressRing(endpoints)
            for _ in 0..<100 {
                let place = NodeID(sha1Of: "\(random.next())")
                let sorted = endpoints.sorted { place.isCloser($0.nodeID, than: $1.nodeID) }
                #expect(ring.closest(to: place, count: 8).map(\.endpoint) == Array(sorted.prefix(8)))
            }
        }
    }

    @Test(arguments: [81] as [UInt64])
    func colluders_whenTheyJoin_areAskedGetTapsAndDropSignals(_ seed: UInt64) throws {
        var scenario = MeshScenario(seed: seed, nodes: 30)
        let added = scenario.mesh.addColluders(percent: 50)
        let company = try #require(added)
        scenario.mesh.run(for: .seconds(60))
        _ = scenario.say("into the hands of the enemy", from: 3)
        let counts = try #require(scenario.mesh.peers[company].script as? Colluders).counts
        #expect(counts.questions > 100, "seed \(seed)")
        #expect(counts.taps > 30, "seed \(seed)")
        #expect(counts.signalsDropped > 0, "seed \(seed)")
        #expect(counts.unreadable == 0, "seed \(seed)")
        #expect(scenario.mesh.violations.isEmpty, "seed \(seed)")
    }

    @Test func suppressor_takesSignalsAndPassesNoneOn() throws {
        var mesh = Mesh(seed: 82)
        let first = mesh.addNode()
        let host = mesh.addSuppressor(seeds: [first])
        let listener = mesh.addNode(seeds: [first])
        mesh.tap([MeshScenario.wall], at: listener)
        mesh.run(for: .seconds(10))
        let said = mesh.publish(["+key": "a", "+message": "?"], to: MeshScenario.wall, from: first)
        mesh.run(for: .seconds(6))
        #expect(try #require(mesh.peers[host].script as? TamperedSwitch).tampered >= 1)
        #expect(mesh.deliveries(of: said.signals).allSatisfy { $0.delivery.from == mesh.endpoint(of: first) })
        #expect((mesh.progress[said.id]?.taken ?? 0) >= 2, "the suppressor reports what it drops as taken")
    }

    @Test func run_whenAttackersTakePart_isTheSameForTheSameSeed() {
        func hash() -> UInt64 {
            var scenario = MeshScenario(seed: 83, nodes: 10)
            scenario.mesh.addColluders(percent: 30)
            scenario.mesh.addSuppressor(seeds: [0])
            scenario.mesh.run(for: .seconds(20))
            return scenario.mesh.traceHash
        }
        #expect(hash() == hash())
    }
}
