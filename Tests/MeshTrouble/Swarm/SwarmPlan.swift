import MeshSimulator
import Telehash

/// What one seed of a swarm does to a small mesh. Each seed draws which kinds of trouble there are at all, and how much
/// of each: rare combinations turn up that one mix for all would never show (swarm testing, Groce et al. 2012).
package struct SwarmPlan: Sendable {
    /// How large and how long the plans of a swarm are.
    package struct Scale: Sendable {
        package var nodes: ClosedRange<Int>
        /// Seconds of trouble.
        package var trouble: ClosedRange<Int>

        package init(nodes: ClosedRange<Int>, trouble: ClosedRange<Int>) {
            self.nodes = nodes
            self.trouble = trouble
        }

        package static let full = Scale(nodes: 8...30, trouble: 30...300)
        /// For debug builds.
        package static let small = Scale(nodes: 8...10, trouble: 10...30)
    }

    package let seed: UInt64
    package internal(set) var nodes: Int
    package internal(set) var trouble: Duration
    var network: NetworkFaults
    /// The NATs that nodes sit behind.
    var nats: [Int: NAT] = [:]
    var incidents: [SwarmIncident] = []
    /// Of the switches, for meshes that are broken on purpose.
    var limits = Limits.default
    /// The kinds that there are.
    package internal(set) var kinds: [SwarmFault]

    struct NAT: Sendable {
        let kind: NATBox.Kind
        let lifetime: Duration
    }

    /// Nodes that the others know from the start. They keep their addresses and sit behind no NAT.
    static let seeds = 3

    package init(seed: UInt64, scale: Scale = .full) {
        var random = SeededGenerator(seed: seed)
        self.seed = seed
        nodes = Int.random(in: scale.nodes, using: &random)
        trouble = .seconds(Int.random(in: scale.trouble, using: &random))
        network = NetworkFaults()
        kinds = []
        for kind in SwarmFault.allCases where random.happens(0.4) { kinds.append(kind) }
        for kind in kinds { draw(kind, using: &random) }
        incidents.sort { $0.at < $1.at }
    }

    /// The plan without one kind of trouble.
    func without(_ fault: SwarmFault) -> SwarmPlan {
        var plan = self
        plan.kinds.removeAll { $0 == fault }
        plan.incidents.removeAll { $0.fault == fault }
        switch fault {
        case .loss: plan.network.loss = 0
        case .duplication: plan.network.duplication = 0
        case .reordering: plan.network.reordering = 0
        case .slowness: plan.network.delay = NetworkFaults.none.delay
        case .bitFlips: plan.network.corruption = 0
        case .truncation: plan.network.truncation = 0
        case .nat: plan.nats = [:]
        default: break
        }
        return plan
    }

    /// The plan with fewer nodes.
    func with(nodes count: Int) -> SwarmPlan {
        var plan = self
        plan.nodes = count
        plan.nats = nats.filter { $0.key < count }
        plan.incidents.removeAll { !$0.isWithin(count) }
        return plan
    }

    /// The plan whose trouble ends earlier.
    func with(trouble duration: Duration) -> SwarmPlan {
        var plan = self
        plan.trouble = duration
        plan.incidents.removeAll { $0.at >= duration }
        return plan
    }
}

extension SwarmPlan {
    /// Draws how much there is of one kind of trouble: the ranges of reliability test R3.
    private mutating func draw(_ kind: SwarmFault, using random: inout SeededGenerator) {
        switch kind {
        case .loss: network.loss = 0.5 * random.nextUnit()
        case .duplication: network.duplication = 0.2 * random.nextUnit()
        case .reordering:
            network.reordering = 0.25 * random.nextUnit()
            network.reorderingSpan = .milliseconds(Int.random(in: 50...5_000, using: &random))
        case .slowness:
            let floor = Int.random(in: 1...500, using: &random)
            network.delay = .longTailed(floor: .milliseconds(floor), ceiling: .seconds(5))
        case .bitFlips: network.corruption = 0.05 * random.nextUnit()
        case .truncation: network.truncation = 0.05 * random.nextUnit()
        case .nat: drawNATs(using: &random)
        default:
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                guard let what = drawIncident(kind, using: &random) else { return }
                let at = random.nextMoment(within: trouble)
                let lasts = Duration.milliseconds(Int.random(in: 1_000...120_000, using: &random))
                incidents.append(SwarmIncident(fault: kind, what: what, at: at, lasts: lasts))
            }
        }
    }

    private mutating func drawNATs(using random: inout SeededGenerator) {
        for node in SwarmPlan.seeds..<nodes where random.happens(0.3) {
            guard let kind = NATBox.Kind.allCases.randomElement(using: &random) else { return }
            let lifetime = Duration.seconds(Int.random(in: 60...180, using: &random))
            nats[node] = NAT(kind: kind, lifetime: lifetime)
        }
    }

    private func drawIncident(_ kind: SwarmFault, using random: inout SeededGenerator) -> SwarmIncident.What? {
        let node = Int.random(in: 0..<nodes, using: &random)
        let share = random.nextUnit()
        func some(_ random: inout SeededGenerator) -> [Int] { (0..<nodes).filter { _ in random.happens(share) } }
        switch kind {
        case .partitions: return .split(some(&random))
        case .oneWayCuts: return .oneWay(from: some(&random), to: some(&random))
        case .crashes: return .crash(node, moves: false)
        case .moves: return .crash(node, moves: node >= SwarmPlan.seeds)
        case .freezes: return .freeze(node)
        case .clockJumps: return .clockJump(node, by: .seconds(Int.random(in: 1...3_600, using: &random)))
        case .clockDrift: return .clockRate(node, 0.95 + 0.1 * random.nextUnit())
        case .stoppedClocks: return .clockStop(node)
        case .natReboots: return nats[node] == nil ? nil : .rebootNAT(of: node)
        default: return nil
        }
    }
}

extension SwarmPlan: CustomStringConvertible {
    /// The recipe, a line for each ingredient.
    package var description: String {
        var lines = ["seed \(seed), \(nodes) nodes, \(trouble.seconds) s of trouble"]
        func add(_ name: String, _ probability: Double) {
            if probability > 0 { lines.append("  \(name) \(probability)") }
        }
        add("loss", network.loss)
        add("duplication", network.duplication)
        add("bit flips", network.corruption)
        add("truncation", network.truncation)
        if network.reordering > 0 {
            lines.append("  reordering \(network.reordering) by up to \(network.reorderingSpan.seconds) s")
        }
        if kinds.contains(.slowness) { lines.append("  delay \(network.delay)") }
        for (node, nat) in nats.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(node) behind a NAT, \(nat.kind), \(nat.lifetime.seconds) s")
        }
        lines += incidents.map { "  \($0)" }
        return lines.joined(separator: "\n")
    }
}
