import Telehash
import TelehashWire
import Testing

@testable import MeshSimulator
@testable import MeshTrouble

/// What happens to machines and to those behind home routers.
@Suite struct MachineFaultTests {
    private static let wall = NodeID(sha1Of: "wall")

    /// Some nodes that have met, all of them listening.
    private func met(_ count: Int, behind kind: NATBox.Kind? = nil) -> Mesh {
        var mesh = Mesh(seed: 12)
        mesh.inspectTelexes()
        mesh.eventsPerAudit = 1
        for number in 0..<count {
            let box = number == count - 1 ? kind.map { mesh.addNAT($0) } : nil
            mesh.addNode(seeds: number == 0 ? [] : [0], behind: box)
            mesh.tap([MachineFaultTests.wall], at: number)
            mesh.run(for: .milliseconds(100))
        }
        mesh.run(for: .seconds(60))
        return mesh
    }

    /// Who gets what a node says.
    private func reached(_ mesh: inout Mesh, from node: Int) -> Set<Int> {
        _ = mesh.takeDeliveries()
        let said = mesh.publish(["+key": "k", "+message": "\(mesh.now)"], to: MachineFaultTests.wall, from: node)
        mesh.run(for: .seconds(10))
        return Set(mesh.takeDeliveries().filter { $0.delivery.signals == said.signals }.map(\.node))
    }

    @Test func frozenProcess_findsEverythingThatWaitedWhenItRunsAgain() {
        var mesh = met(6)
        mesh.freeze(3)
        let sent = mesh.counters.sent
        #expect(reached(&mesh, from: 1) == [0, 2, 4, 5])
        #expect(mesh.counters.sent > sent)
        #expect(!mesh.nodes[3].backlog.isEmpty)
        mesh.thaw(3)
        #expect(mesh.takeDeliveries().map(\.node) == [3])
        #expect(mesh.nodes[3].backlog.isEmpty)
        mesh.run(for: .seconds(60))
        #expect(reached(&mesh, from: 1) == [0, 2, 3, 4, 5])
        #expect(mesh.violations.isEmpty)
    }

    @Test func frozenProcess_keepsNoMoreThanItsSocketBufferHolds() {
        var mesh = Mesh(seed: 3)
        let node = mesh.addNode()
        mesh.freeze(node)
        for _ in 0..<1_000 { mesh.inject([UInt8](repeating: 1, count: 1_000), from: endpoint("9.8.7.6:5"), to: node) }
        mesh.run(for: .seconds(1))
        let room = SimulatorLimits.socketBufferBytes / (1_000 + SimulatorLimits.datagramOverhead)
        #expect(mesh.nodes[node].backlog.count == room)
        #expect(mesh.counters.overflowed == 1_000 - room)
        mesh.kill(node)
        mesh.restart(node)
        #expect(mesh.nodes[node].backlog.isEmpty)
    }

    @Test(arguments: [false, true])
    func crashedNode_whenItIsBack_isReachedAgain(_ elsewhere: Bool) {
        var mesh = met(6)
        let before = mesh.endpoint(of: 3)
        mesh.kill(3)
        #expect(reached(&mesh, from: 1) == [0, 2, 4, 5])
        mesh.restart(3, elsewhere: elsewhere)
        mesh.run(for: .seconds(100))
        #expect((mesh.endpoint(of: 3) == before) == !elsewhere)
        #expect(mesh.status(of: 3).address == mesh.endpoint(of: 3))
        #expect(reached(&mesh, from: 1) == [0, 2, 3, 4, 5])
    }

    @Test func clock_whenItJumpsAnHour_takesItsNodeBackIntoTheMesh() {
        var mesh = met(6)
        mesh.jumpClock(of: 3, by: .seconds(3_600))
        #expect(mesh.clock(of: 3) == mesh.now + .seconds(3_600))
        mesh.run(for: .seconds(100))
        #expect(reached(&mesh, from: 1) == [0, 2, 3, 4, 5])
        #expect(reached(&mesh, from: 3) == [0, 1, 2, 4, 5])
        #expect(mesh.violations.isEmpty)
    }

    @Test func clock_thatStandsStill_wakesNobody() {
        var mesh = met(3)
        mesh.runClock(of: 1, at: 0)
        let telexes = mesh.status(of: 1).counters["telexes_sent"]
        mesh.split(into: [[1]])
        mesh.run(for: .seconds(300))
        #expect(mesh.status(of: 1).counters["telexes_sent"] == telexes)
        mesh.heal()
        mesh.runClock(of: 1, at: 1)
        mesh.jumpClock(of: 1, by: .seconds(300))
        mesh.run(for: .seconds(120))
        #expect(reached(&mesh, from: 0) == [1, 2])
    }

    @Test(arguments: NATBox.Kind.allCases)
    func nodeBehindANAT_getsAndSaysWhatOthersDo(_ kind: NATBox.Kind) {
        var mesh = met(8, behind: kind)
        #expect(reached(&mesh, from: 1) == [0, 2, 3, 4, 5, 6, 7], "\(kind)")
        #expect(reached(&mesh, from: 7) == [0, 1, 2, 3, 4, 5, 6], "\(kind)")
        #expect(mesh.endpoint(of: 7).isLoopbackOrPrivate)
        if kind != .symmetric {
            #expect(mesh.status(of: 7).address == mesh.publicEndpoint(of: 7))
            #expect(mesh.publicEndpoint(of: 7)?.isPublic == true)
        }
    }

    @Test func nodeBehindANATThatForgets_isReachedAgain() {
        var mesh = met(8, behind: .portRestricted)
        mesh.rebootNAT(0)
        mesh.run(for: .seconds(150))
        #expect(reached(&mesh, from: 1) == [0, 2, 3, 4, 5, 6, 7])
    }

    @Test func neighboursBehindOneNAT_reachEachOtherByItsAddressOnlyIfItHairpins() {
        for hairpins in [false, true] {
            var mesh = Mesh(seed: 5)
            let box = mesh.addNAT(.fullCone, hairpins: hairpins)
            let outside = mesh.addNode()
            let a = mesh.addNode(seeds: [outside], behind: box)
            let b = mesh.addNode(seeds: [outside], behind: box)
            mesh.run(for: .seconds(60))
            #expect(mesh.publicEndpoint(of: a) != mesh.publicEndpoint(of: b))
            #expect(mesh.status(of: a).proven == (hairpins ? 2 : 1))
            #expect((mesh.counters.untranslated > 0) == !hairpins)
        }
    }
}
