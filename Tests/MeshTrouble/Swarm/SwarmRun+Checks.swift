import MeshSimulator
import Telehash
import TelehashWire

// What must hold when the trouble is over and the mesh had its time.
extension SwarmRun {
    func checkAmplification() -> [SwarmOutcome.Failure] {
        guard mesh.largestAmplification > 3 else { return [] }
        return [
            SwarmOutcome.Failure(
                kind: "amplification", node: 0,
                description: "a stranger got \(mesh.largestAmplification) times the bytes in its name")
        ]
    }

    /// Every node finds the switch nearest to a random place. Those behind a NAT need not be found by everybody.
    mutating func checkLookups() -> [SwarmOutcome.Failure] {
        var open: [(node: Int, target: NodeID, id: LookupID)] = []
        for node in 0..<plan.nodes {
            let target = NodeID(sha1Of: "after the trouble \(node)")
            open.append((node, target, lookUp(target, from: node)))
        }
        mesh.run(for: LookupProbes.patience)
        return open.compactMap { node, target, id in
            let reachable = (0..<plan.nodes).filter { $0 != node && mesh.nodes[$0].box == nil }
            let nearest = reachable.min {
                target.isCloser(mesh.endpoint(of: $0).nodeID, than: mesh.endpoint(of: $1).nodeID)
            }
            let found = mesh.takeFound(id)
            guard let nearest else { return nil }
            let truth = mesh.endpoint(of: nearest)
            if let first = found?.closest.first, !target.isCloser(truth.nodeID, than: first.nodeID) { return nil }
            let outcome = found.map { "found \($0.closest.count) others in \($0.took.seconds) s" } ?? "never ended"
            let what = "a lookup misses the nearest switch, node \(nearest) at \(truth); it \(outcome)"
            return SwarmOutcome.Failure(kind: "lookup", node: node, description: "node \(node): \(what)")
        }
    }

    /// What is published reaches every subscriber, once.
    mutating func checkDeliveries() -> [SwarmOutcome.Failure] {
        var failures: [SwarmOutcome.Failure] = []
        for publisher in Set([0, plan.nodes / 2, plan.nodes - 1]).sorted() {
            _ = mesh.takeDeliveries()
            let signals = say(from: publisher)
            mesh.run(for: MeshExperiment.deliveryTime)
            let reached = mesh.takeDeliveries().filter { $0.delivery.signals == signals }.map(\.node)
            for subscriber in subscribers where subscriber != publisher {
                let times = reached.count { $0 == subscriber }
                guard times != 1 else { continue }
                failures.append(
                    SwarmOutcome.Failure(
                        kind: times == 0 ? "delivery" : "repeat", node: subscriber,
                        description: "node \(subscriber) gets the message of \(publisher) \(times) times"))
            }
        }
        return failures
    }
}
