import MeshSimulator
import Telehash

/// The kinds of trouble that a swarm's seed may draw.
package enum SwarmFault: String, CaseIterable, Sendable {
    case loss, duplication, reordering, slowness, bitFlips, truncation
    case partitions, oneWayCuts, nat, natReboots
    case crashes, moves, freezes, clockJumps, clockDrift, stoppedClocks
}

/// Something that happens to the mesh while a swarm is in trouble, and ends by itself.
struct SwarmIncident: Sendable {
    enum What: Sendable {
        /// These and the others don't reach each other.
        case split([Int])
        /// What these send does not reach those.
        case oneWay(from: [Int], to: [Int])
        /// Comes back after the incident, at another address if it moves.
        case crash(Int, moves: Bool)
        case freeze(Int)
        case clockJump(Int, by: Duration)
        case clockRate(Int, Double)
        /// Stands still, and then shows the right time at once.
        case clockStop(Int)
        case rebootNAT(of: Int)
    }

    let fault: SwarmFault
    let what: What
    /// Since the trouble began.
    let at: Duration
    let lasts: Duration

    /// Whether it concerns only nodes below a number.
    func isWithin(_ nodes: Int) -> Bool {
        switch what {
        case .split(let members): members.contains { $0 < nodes }
        case .oneWay(let from, let to): from.contains { $0 < nodes } && to.contains { $0 < nodes }
        case .crash(let node, _), .freeze(let node), .clockJump(let node, _), .clockRate(let node, _),
            .clockStop(let node), .rebootNAT(let node):
            node < nodes
        }
    }
}

extension SwarmIncident: CustomStringConvertible {
    var description: String {
        let action =
            switch what {
            case .split(let members): "\(members) are cut off"
            case .oneWay(let from, let to): "\(from) don't reach \(to)"
            case .crash(let node, let moves): "\(node) crashes" + (moves ? " and comes back elsewhere" : "")
            case .freeze(let node): "\(node) freezes"
            case .clockJump(let node, let by): "the clock of \(node) jumps by \(by.seconds) s"
            case .clockRate(let node, let rate): "the clock of \(node) runs at \(rate)"
            case .clockStop(let node): "the clock of \(node) stands still"
            case .rebootNAT(let node): "the NAT of \(node) forgets its mappings"
            }
        return "second \(at.seconds), for \(lasts.seconds) s: \(action)"
    }
}
