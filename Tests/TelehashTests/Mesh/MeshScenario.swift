import MeshSimulator
import MeshTrouble
import Telehash
import TelehashWire
import Testing

/// A mesh with one seed in it, and questions that several tests ask about it.
struct MeshScenario {
    static let wall = NodeID(sha1Of: "wall")

    var mesh: Mesh
    let members: [Int]

    /// Starts the first node, then the others a tenth of a second apart, all of them listening to the wall.
    init(seed: UInt64, nodes: Int, faults: NetworkFaults = .none) {
        mesh = Mesh(seed: seed, faults: faults)
        mesh.inspectTelexes()
        let first = mesh.addNode()
        var members = [first]
        for _ in 1..<nodes {
            mesh.run(for: .milliseconds(100))
            members.append(mesh.addNode(seeds: [first]))
        }
        self.members = members
        for member in members { mesh.tap([MeshScenario.wall], at: member) }
    }

    /// Publishes a text from a node and lets it travel.
    mutating func say(_ text: String, from node: Int, wait: Duration = .seconds(6)) -> (
        id: PublicationID, signals: Signals
    ) {
        let said = mesh.publish(["+key": "author", "+message": text], to: MeshScenario.wall, from: node)
        mesh.run(for: wait)
        return said
    }

    /// The nodes that are up, save the speaker, and did not get the signals.
    func missing(_ signals: Signals, from speaker: Int) -> [Int] {
        let reached = Set(mesh.deliveries(of: signals).map(\.node))
        return members.filter { $0 != speaker && mesh.isUp($0) && !reached.contains($0) }
    }

    /// Nodes that got the signals more than once.
    func doubled(_ signals: Signals) -> [Int] {
        Dictionary(grouping: mesh.deliveries(of: signals), by: \.node).filter { $0.value.count > 1 }.keys.sorted()
    }

    /// What holds at any time, whatever the network does.
    func expectNoViolation(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(mesh.violations.isEmpty, "seed \(mesh.seed)", sourceLocation: sourceLocation)
        #expect(mesh.largestAmplification <= 3, "seed \(mesh.seed)", sourceLocation: sourceLocation)
    }
}
