import MeshSimulator
import Telehash
import TelehashWire

/// Runs a ``SwarmPlan``: a mesh comes together in trouble and is used all the while; then the trouble ends, and three
/// minutes later everything must work. The rules of safety hold all the time.
package struct SwarmRun: Sendable {
    /// In which a mesh must come together again after trouble.
    package static let recovery = Duration.seconds(180)
    static let wall = NodeID(sha1Of: "wall")

    let plan: SwarmPlan
    var mesh: Mesh
    var random: SeededGenerator
    var agenda = EventQueue<Action>()
    var subscribers: [Int] = []
    var active: [Int] = []
    var victims: [Endpoint] = []
    var said = 0
    var asked: UInt64 = 0
    private var isTroubled = true
    private var log: EventLog?

    enum Action: Sendable {
        case join(Int)
        case begin(incident: Int)
        case end(incident: Int)
        case publish
        case lookUp
        case forge
    }

    /// - Parameter watched: a node whose last events are to be told.
    package init(_ plan: SwarmPlan, watching watched: Int? = nil) {
        self.plan = plan
        mesh = Mesh(seed: plan.seed, faults: plan.network)
        mesh.inspectTelexes()
        mesh.eventsPerAudit = 1
        mesh.keepsProgress = false
        if let watched { log = EventLog(of: watched, in: &mesh) }
        random = SeededGenerator(seed: plan.seed ^ 0x7377_6172_6d)
    }

    package mutating func run() -> SwarmOutcome {
        planTrouble()
        advance(by: plan.trouble)
        endTrouble()
        advance(by: SwarmRun.recovery)
        var outcome = SwarmOutcome(plan: plan)
        outcome.failures = mesh.violations.map {
            SwarmOutcome.Failure(kind: $0.rule, node: $0.node, description: "\($0)")
        }
        outcome.failures += checkAmplification() + checkLookups() + checkDeliveries()
        outcome.traceHash = mesh.traceHash
        outcome.events = mesh.counters.events
        outcome.seconds = mesh.now.seconds
        outcome.log = log?.text ?? []
        return outcome
    }

    private mutating func planTrouble() {
        var at = Duration.zero
        for node in 0..<plan.nodes {
            agenda.plan(.join(node), at: mesh.now + at)
            at += .milliseconds(Int.random(in: 10...500, using: &random))
        }
        for (number, incident) in plan.incidents.enumerated() {
            agenda.plan(.begin(incident: number), at: mesh.now + incident.at)
            agenda.plan(.end(incident: number), at: mesh.now + incident.at + incident.lasts)
        }
        for second in 1..<max(2, Int(plan.trouble.seconds)) {
            agenda.plan(.forge, at: mesh.now + .seconds(second))
            agenda.plan(second % 4 == 0 ? .publish : .lookUp, at: mesh.now + .seconds(second))
        }
        victims = mesh.freshEndpoints(5)
    }

    private mutating func advance(by duration: Duration) {
        let end = mesh.now + duration
        while mesh.now < end {
            mesh.run(to: min(end, agenda.nextTime ?? end))
            while let next = agenda.nextTime, next <= mesh.now, let (_, action) = agenda.next() { perform(action) }
        }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .join(let node): join(node)
        case .begin(let number): begin(number)
        case .end(let number): end(number)
        case .publish: say(from: Int.random(in: 0..<max(1, mesh.nodeCount), using: &random))
        case .lookUp:
            lookUp(NodeID(sha1Of: "\(random.next())"), from: Int.random(in: 0..<mesh.nodeCount, using: &random))
        case .forge:
            mesh.injectForgedQuestion(
                from: victims[Int.random(in: 0..<victims.count, using: &random)],
                to: Int.random(in: 0..<mesh.nodeCount, using: &random), using: &random)
        }
    }

    private mutating func join(_ node: Int) {
        let box = plan.nats[node].map { mesh.addNAT($0.kind, lifetime: $0.lifetime) }
        mesh.addNode(seeds: Array(0..<min(node, SwarmPlan.seeds)), behind: box, limits: plan.limits)
        guard random.happens(0.5) || node == plan.nodes - 1 else { return }
        subscribers.append(node)
        mesh.tap([SwarmRun.wall], at: node)
    }

    @discardableResult
    mutating func say(from node: Int) -> Signals {
        said += 1
        let text = SwarmRun.text(of: said, isTroubled: isTroubled)
        return mesh.publish(["+key": "k", "+message": text], to: SwarmRun.wall, from: node).signals
    }

    /// What a message says. When the trouble is over it speaks in other words: one flipped bit makes "said 38" of
    /// "said 18", and whoever got that would take a later "said 38" for a repeat, and rightly so.
    static func text(of number: Int, isTroubled: Bool) -> String { (isTroubled ? "said " : "told ") + String(number) }

    @discardableResult
    mutating func lookUp(_ target: NodeID, from node: Int) -> LookupID {
        asked += 1
        mesh.lookUp(target, as: LookupID(value: asked), from: node)
        return LookupID(value: asked)
    }
}

extension SwarmRun {
    private mutating func begin(_ number: Int) {
        guard isTroubled else { return }
        active.append(number)
        switch plan.incidents[number].what {
        case .split, .oneWay: cutAgain()
        case .crash(let node, _): if node < mesh.nodeCount { mesh.kill(node) }
        case .freeze(let node): if node < mesh.nodeCount { mesh.freeze(node) }
        case .clockJump(let node, let by): if node < mesh.nodeCount { mesh.jumpClock(of: node, by: by) }
        case .clockRate(let node, let rate): if node < mesh.nodeCount { mesh.runClock(of: node, at: rate) }
        case .clockStop(let node): if node < mesh.nodeCount { mesh.runClock(of: node, at: 0) }
        case .rebootNAT(let node):
            if node < mesh.nodeCount, let box = mesh.nodes[node].box { mesh.rebootNAT(box) }
        }
    }

    private mutating func end(_ number: Int) {
        guard isTroubled, let place = active.firstIndex(of: number) else { return }
        active.remove(at: place)
        undo(plan.incidents[number])
    }

    private mutating func undo(_ incident: SwarmIncident) {
        switch incident.what {
        case .split, .oneWay: cutAgain()
        case .crash(let node, let moves): if node < mesh.nodeCount { mesh.restart(node, elsewhere: moves) }
        case .freeze(let node): if node < mesh.nodeCount { mesh.thaw(node) }
        case .clockRate(let node, _): if node < mesh.nodeCount { mesh.runClock(of: node, at: 1) }
        case .clockStop(let node):
            guard node < mesh.nodeCount else { return }
            mesh.runClock(of: node, at: 1)
            mesh.jumpClock(of: node, by: incident.lasts)
        case .clockJump, .rebootNAT: break
        }
    }

    /// Cuts what the incidents that last cut.
    private mutating func cutAgain() {
        mesh.heal()
        for number in active {
            switch plan.incidents[number].what {
            case .split(let members):
                let inside = Set(members)
                let outside = Set(0..<plan.nodes).subtracting(inside)
                mesh.cut(from: inside, to: outside)
                mesh.cut(from: outside, to: inside)
            case .oneWay(let from, let to): mesh.cut(from: Set(from), to: Set(to))
            default: break
            }
        }
    }

    /// All trouble is over: the network is whole, and everybody is back.
    private mutating func endTrouble() {
        let lasting = active
        active = []
        for number in lasting { undo(plan.incidents[number]) }
        isTroubled = false
        mesh.heal()
        mesh.faults = .none
        // Those who should have joined later than the trouble lasted.
        while mesh.nodeCount < plan.nodes { join(mesh.nodeCount) }
        agenda = EventQueue()
    }
}
