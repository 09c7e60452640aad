import Telehash
import TelehashWire

/// A mesh of production switches on a virtual clock and a faulty network.
///
/// The run is a queue of events: datagrams that arrive and switches that wake. Everything random is drawn from
/// generators that grow out of one seed, so a run can be repeated to the last byte; ``traceHash`` says whether it was.
/// Nothing waits: an hour of virtual time takes as long as its events take to process.
///
/// ```swift
/// var mesh = Mesh(seed: 42, faults: faults)
/// let seed = mesh.addNode()
/// let others = (1..<30).map { _ in mesh.addNode(seeds: [seed]) }
/// mesh.run(for: .seconds(60))
/// ```
package struct Mesh: Sendable {
    /// The seed of the run, for printing when something fails.
    package let seed: UInt64
    package internal(set) var now = Instant.zero
    package var faults: NetworkFaults
    /// How many events pass between two audits of a switch (``Telehash/Switch/audit()``); 0 for none. With 1 each switch
    /// is looked at after every event of its own.
    package var eventsPerAudit = 0
    package internal(set) var counters = MeshCounters()
    /// Everything that was delivered to applications, in the order of time.
    package internal(set) var deliveries: [MeshDelivery] = []
    /// The latest progress of each publication.
    package internal(set) var progress: [PublicationID: PublicationProgress] = [:]
    /// What the lookups of applications found.
    package internal(set) var found: [LookupID: LookupReport] = [:]
    /// What went wrong although it never may; the first hundred.
    package internal(set) var violations: [MeshViolation] = []

    /// How long applications take to judge what they were given.
    package var judgementDelay = Duration.zero
    /// Nodes without receivers: what they were given is judged by nobody.
    package var withoutReceivers: Set<Int> = []
    /// Whether ``progress`` is kept.
    package var keepsProgress = true
    /// Told of every datagram that a switch sends or gets.
    package var observers: [@Sendable (inout Mesh, MeshSight) -> Void] = []
    /// Whether what one node sends never reaches another one.
    package var isCut: (@Sendable (_ sender: Int, _ receiver: Int) -> Bool)?
    /// Copies of the messages that are counted.
    var copies = CopyLedger()

    package var nodes: [MeshNode] = []
    package var peers: [MeshPeer] = []
    /// Nodes by address, and scripted peers, whose numbers are below zero.
    package var numbers: [Endpoint: Int] = [:]
    /// Addresses that nodes had before they moved: lines to them were proven.
    package var formerEndpoints: Set<Endpoint> = []
    var queue = EventQueue<MeshEvent>()
    package var trace = TraceHash()
    var strangers = StrangerLedger()
    package var boxes: [any MeshGateway] = []
    /// The gateways by their public addresses.
    var boxNumbers: [UInt32: Int] = [:]
    var privateAddresses: UInt32 = 0
    var publications: UInt64 = 0
    /// Kept to save an allocation for each event.
    var effects: [Effect] = []
    var peerSends: [ScriptedSend] = []

    var network: SeededGenerator
    var places: SeededGenerator
    package var births: SeededGenerator
    var strangeness: SeededGenerator

    package init(seed: UInt64, faults: NetworkFaults = .none) {
        self.seed = seed
        self.faults = faults
        var root = SeededGenerator(seed: seed)
        network = root.fork()
        places = root.fork()
        births = root.fork()
        strangeness = root.fork()
    }

    /// A fingerprint of the run so far: equal for equal seeds and equal calls. It covers every event and its time, every
    /// datagram that was sent and that arrived, what applications were told, and what the switches counted.
    package var traceHash: UInt64 {
        var trace = trace
        for number in nodes.indices {
            for (_, count) in status(of: number).counters.sorted(by: { $0.key < $1.key }) { trace.add(count) }
        }
        return trace.value
    }

    package var nodeCount: Int { nodes.count }

    /// The address of a node's socket; behind a gateway others know it by ``publicEndpoint(of:)``.
    package func endpoint(of node: Int) -> Endpoint { nodes[node].endpoint }

    package func isUp(_ node: Int) -> Bool { nodes[node].isUp }

    /// What a node's clock shows.
    package func clock(of number: Int) -> Instant { nodes[number].clock.reading(at: now) }

    package func status(of node: Int) -> SwitchStatus { nodes[node].node.status(now: clock(of: node)) }

    /// The most bytes that any switch sent to an address which never proved to receive, for each byte in its name.
    package var largestAmplification: Double { strangers.largestRatio }

    /// Hands over the deliveries so far and forgets them: a long run would keep millions.
    package mutating func takeDeliveries() -> [MeshDelivery] {
        defer { deliveries.removeAll(keepingCapacity: true) }
        return deliveries
    }

    package mutating func report(_ rule: String, _ detail: String = "", at node: Int) {
        guard violations.count < SimulatorLimits.reportedViolations else { return }
        violations.append(MeshViolation(node: node, time: now, rule: rule, detail: detail))
    }
}
