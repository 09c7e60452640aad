import MeshSimulator
import Telehash
import TelehashWire
import Testing

/// Peers that lie about our own address: threat T25.
@Suite struct AddressThreatTests {
    /// The whole switch, with liars among the peers that it has lines with.
    @Test func switch_whenALiarIsAmongItsPeers_keepsItsPlace() {
        let runs = ThreatScale.count(20, full: 1_000)
        var mesh = Mesh(seed: 125)
        for _ in 0..<runs {
            let truth = mesh.freshEndpoint()
            let seed = mesh.freshEndpoint()
            let solo = Solo(at: nil, seeds: [seed])
            let ring = solo.start().to(seed)[0].telex.ring ?? 0
            solo.receive(Telex(to: truth, line: 7 * ring, br: 0, see: []), from: seed)
            #expect(solo.node.status(now: solo.now).address == truth)
            for peer in mesh.freshEndpoints(5).enumerated() {
                let line = solo.prove(peer.element)
                let says = peer.offset < 2 ? Solo.endpoint("5.5.5.5:5") : truth
                solo.receive(Telex(to: says, line: line, br: 0, see: []), from: peer.element)
                solo.advance(by: .seconds(1))
            }
            #expect(solo.node.status(now: solo.now).id == truth.nodeID)
        }
    }
}
