import Telehash
import TelehashWire
import Testing

@testable import MeshSimulator

/// A mesh of honest switches that has settled, some of them listening, and what the attackers do to it.
struct MeshCrowd {
    static let wall = NodeID(sha1Of: "wall")

    var mesh: Mesh
    let honest: [Int]
    private var random: SeededGenerator
    private(set) var listeners: [Int] = []

    /// Nodes come a twentieth of a second apart and begin with the first and with one who came before.
    init(seed: UInt64, nodes: Int, settling: Duration = .seconds(60), limits: Limits = .default) {
        mesh = Mesh(seed: seed)
        random = SeededGenerator(seed: seed)
        let first = mesh.addNode(limits: limits)
        var honest = [first]
        for _ in 1..<nodes {
            mesh.run(for: .milliseconds(nodes > 1_000 ? 10 : 50))
            let other = honest[Int.random(in: 0..<honest.count, using: &random)]
            honest.append(mesh.addNode(seeds: other == first ? [first] : [first, other], limits: limits))
        }
        self.honest = honest
        mesh.run(for: settling)
    }

    /// Some nodes listen to the wall.
    mutating func listen(_ count: Int, settling: Duration = .seconds(20)) {
        listeners = Array(honest.shuffled(using: &random).prefix(count))
        for listener in listeners { mesh.tap([MeshCrowd.wall], at: listener) }
        mesh.run(for: settling)
    }

    /// The part of all copies that reached their listeners, when so many nodes say one thing each.
    mutating func delivery(of messages: Int, apart pause: Duration = .seconds(1)) -> Double {
        var said: [(signals: Signals, by: Int)] = []
        for number in 0..<messages {
            let speaker = honest[Int.random(in: 0..<honest.count, using: &random)]
            let text = "\(number) at \(mesh.now.nanoseconds)"
            said.append(
                (mesh.publish(["+key": "a", "+message": text], to: MeshCrowd.wall, from: speaker).signals, speaker))
            mesh.run(for: pause)
        }
        mesh.run(for: .seconds(8))
        var due = 0
        var came = 0
        let reached = Dictionary(grouping: mesh.deliveries, by: \.delivery.signals).mapValues { Set($0.map(\.node)) }
        for message in said {
            for listener in listeners where listener != message.by {
                due += 1
                came += reached[message.signals]?.contains(listener) == true ? 1 : 0
            }
        }
        return Double(came) / Double(max(1, due))
    }

    /// Proven lines of a node with honest switches.
    func honestLines(of number: Int) -> Int {
        let good = Set(honest.map { mesh.endpoint(of: $0) })
        return mesh.nodes[number].node.provenSwitches.count(where: good.contains)
    }

    /// The hosts that a node would use for the wall now.
    func hosts(of number: Int) -> [Endpoint] { mesh.nodes[number].node.hosts(of: MeshCrowd.wall) }
}
