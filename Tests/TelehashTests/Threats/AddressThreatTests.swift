import MeshSimulator
import TelehashWire
import Testing

@testable import Telehash

/// Peers that lie about our own address: threat T25.
@Suite struct AddressThreatTests {
    @Test(arguments: [(1, 3), (2, 5), (3, 7), (1, 8)])
    func ownAddress_whenAMinorityLies_staysTheTrueOne(_ liars: Int, _ voters: Int) {
        let runs = ThreatScale.count(1_000, full: 10_000)
        var mesh = Mesh(seed: 25)
        var random = SeededGenerator(seed: 25)
        var changed = 0
        for _ in 0..<runs {
            let truth = mesh.freshEndpoint()
            // The worst case: all liars agree, and the votes come in any order.
            let lie = mesh.freshEndpoint()
            var address = OwnAddress(advertised: nil, bound: nil)
            let seed = mesh.freshEndpoint()
            let isBelieved = address.seed(seed, says: truth)
            #expect(isBelieved)
            var wide: Set<AddressGroup> = []
            var votes: [OwnAddress.Vote] = []
            while votes.count < voters {
                let voter = mesh.freshEndpoint()
                guard wide.insert(voter.wideGroup).inserted else { continue }
                votes.append(OwnAddress.Vote(voter: voter, says: votes.count < liars ? lie : truth))
            }
            votes.shuffle(using: &random)
            for count in 1...votes.count {
                // As the votes come in, some prefix may have a lying majority only below the quorum of three.
                guard votes.prefix(count).count(where: { $0.says == lie }) * 2 < max(3, count) else { continue }
                _ = address.count(Array(votes.prefix(count)), limits: .default)
            }
            _ = address.count(votes, limits: .default)
            if address.endpoint != truth { changed += 1 }
        }
        ThreatScale.report("T25 \(liars) liars of \(voters): \(changed) of \(runs) changed")
        #expect(changed == 0)
    }

    /// One operator with a thousand addresses in one /16 has one vote.
    @Test func ownAddress_whenOneNetworkShouts_staysTheTrueOne() {
        let truth = Solo.endpoint("99.1.0.1:42424")
        let lie = Solo.endpoint("99.9.9.9:9")
        var address = OwnAddress(advertised: nil, bound: nil)
        _ = address.seed(Solo.endpoint("77.1.2.3:1"), says: truth)
        var votes = (0..<1_000).map {
            OwnAddress.Vote(voter: Solo.endpoint("66.5.\($0 % 250).\($0 / 250 + 1):1"), says: lie)
        }
        votes += ["11.1.1.1:1", "22.2.2.2:2"].map { OwnAddress.Vote(voter: Solo.endpoint($0), says: truth) }
        _ = address.count(votes, limits: .default)
        #expect(address.endpoint == truth)
        _ = address.count(Array(votes.prefix(1_000)), limits: .default)
        #expect(address.endpoint == truth, "one voter is no quorum")
    }

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
