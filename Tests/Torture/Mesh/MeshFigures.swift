import MeshSimulator
import MeshTrouble
import Messages
import Telehash
import TelehashWire
import TestSupport

/// What a mesh achieved, real or simulated, measured alike.
struct MeshFigures: Sendable {
    var lookups = 0
    /// Lookups that named the nearest of all.
    var successes = 0
    /// Over successful lookups.
    private var hops = 0
    private var queries = 0
    var wanted = 0
    var delivered = 0

    var success: Double { lookups == 0 ? 0 : Double(successes) / Double(lookups) }
    var meanHops: Double { successes == 0 ? 0 : Double(hops) / Double(successes) }
    var meanQueries: Double { successes == 0 ? 0 : Double(queries) / Double(successes) }
    var deliveredRatio: Double { wanted == 0 ? 0 : Double(delivered) / Double(wanted) }

    /// - Parameter others: all that could have been found.
    mutating func note(_ report: LookupReport, among others: [Endpoint]) {
        lookups += 1
        let nearest = others.min { report.target.isCloser($0.nodeID, than: $1.nodeID) }
        guard let nearest, report.closest.first == nearest else { return }
        successes += 1
        hops += report.hops
        queries += report.queries
    }
}

/// How large a mesh is, and what happens in it.
struct MeshPlan: Sendable {
    var routers: Int
    var probes: Int
    /// Of each probe.
    var lookups: Int
    /// Of each router.
    var messages: Int
    /// From the start of the last router until the probes come.
    var settling: Duration
    /// From the start of a probe until its first lookup.
    var joining: Duration
}

extension MeshPlan {
    /// The plan in the simulator, on a network like a loopback device.
    func simulated(seed: UInt64) -> MeshFigures {
        var faults = NetworkFaults.none
        faults.delay = .uniform(from: .microseconds(50), to: .microseconds(500))
        var mesh = Mesh(seed: seed, faults: faults)
        var figures = MeshFigures()
        let end = NodeID(sha1Of: "a channel")
        for number in 0..<routers {
            mesh.addNode(seeds: number == 0 ? [] : [0])
            mesh.tap([end], at: number)
        }
        mesh.run(for: settling)
        for probe in 0..<probes {
            let number = mesh.addNode(seeds: [probe % routers])
            mesh.run(for: joining)
            for index in 0..<lookups {
                let target = NodeID(sha1Of: "a place \(probe) \(index)")
                let id = LookupID(value: UInt64(probe * lookups + index))
                mesh.lookUp(target, as: id, from: number)
                let patience = mesh.now + .seconds(30)
                while mesh.found[id] == nil, mesh.now < patience { mesh.run(for: .milliseconds(1)) }
                guard let report = mesh.takeFound(id) else { continue }
                figures.note(report, among: (0..<number).map(mesh.endpoint))
            }
        }
        var published: [(author: Int, signals: Signals)] = []
        for text in 0..<messages {
            for author in 0..<routers {
                let (_, signals) = mesh.publish(
                    ["+key": "an author", "+message": "\(text) of \(author)"], to: end, from: author)
                published.append((author, signals))
            }
            mesh.run(for: .milliseconds(500))
        }
        mesh.run(for: .seconds(10))
        for (author, signals) in published {
            figures.wanted += routers - 1
            figures.delivered += Set(mesh.deliveries(of: signals).map(\.node)).subtracting([author]).count
        }
        return figures
    }
}
