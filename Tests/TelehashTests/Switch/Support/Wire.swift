import Telehash
import TelehashWire

/// Switches and scripted peers on one virtual network: every datagram takes a millisecond, and time passes only as
/// fast as things happen.
final class Wire {
    struct Datagram {
        let from: Endpoint
        let to: Endpoint
        let bytes: [UInt8]
        let at: Instant

        var telex: Telex? { try? Telex.decode(bytes) }
    }

    /// A switch, changed in place.
    private final class Host {
        let endpoint: Endpoint
        var node: Switch
        /// How long its clock stood still.
        var slept = Duration.zero
        var deadline = Instant.distantFuture

        init(_ endpoint: Endpoint, _ node: Switch) {
            self.endpoint = endpoint
            self.node = node
        }
    }

    /// Answers a datagram with datagrams to the same address.
    typealias Script = (Datagram) -> [[UInt8]]

    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private(set) var log: [Datagram] = []
    private(set) var deliveries: [Endpoint: [String]] = [:]
    private(set) var progress: [PublicationID: PublicationProgress] = [:]
    private var hosts: [Endpoint: Host] = [:]
    private var order: [Host] = []
    private var scripts: [Endpoint: Script] = [:]
    private var flying: [Datagram] = []
    private var random: Seeded
    /// Datagrams for which this is true are lost.
    var loses: (Datagram) -> Bool = { _ in false }
    /// How long a datagram travels.
    let latency: Duration

    init(seed: UInt64 = 7, latency: Duration = .milliseconds(1)) {
        random = Seeded(seed: seed)
        self.latency = latency
    }

    func status(_ endpoint: Endpoint) -> SwitchStatus {
        guard let host = hosts[endpoint] else { preconditionFailure("no switch at \(endpoint)") }
        return host.node.status(now: now.advanced(by: .zero - host.slept))
    }

    func contacts(_ endpoint: Endpoint, limit: Int = 64) -> [Endpoint] {
        hosts[endpoint]?.node.contacts(limit: limit) ?? []
    }

    /// Starts a switch at an address; `knowsItself` is false for one behind a wildcard socket.
    func add(
        _ endpoint: Endpoint, seeds: [Endpoint] = [], known: [Endpoint] = [], ends: Set<NodeID> = [],
        knowsItself: Bool = true, limits: Limits = .default
    ) {
        let configuration = Switch.Configuration(
            seeds: seeds, known: known, bound: knowsItself ? endpoint : nil, limits: limits)
        let host = Host(endpoint, Switch(configuration, now: now, using: &random))
        hosts[endpoint] = host
        order.append(host)
        with(endpoint) { $0.start(now: $1, using: &$2, into: &$3) }
        with(endpoint) { $0.tap(ends, now: $1, using: &$2, into: &$3) }
    }

    func add(_ endpoint: Endpoint, script: @escaping Script) {
        scripts[endpoint] = script
    }

    /// As `kill -9` does.
    func kill(_ endpoint: Endpoint) {
        hosts[endpoint] = nil
        scripts[endpoint] = nil
        order.removeAll { $0.endpoint == endpoint }
    }

    func publish(_ text: String, end: NodeID = .tweets, from endpoint: Endpoint, as id: UInt64 = 1) {
        with(endpoint) {
            $0.publish(.message(text, end: end), end: end, as: PublicationID(value: id), now: $1, using: &$2, into: &$3)
        }
    }

    func send(_ bytes: [UInt8], from: Endpoint, to: Endpoint) {
        let datagram = Datagram(from: from, to: to, bytes: bytes, at: now.advanced(by: latency))
        log.append(datagram)
        if !loses(datagram) { flying.append(datagram) }
    }

    /// Lets time pass; everything that happens in it happens in order.
    func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        var steps = 0
        while let moment = nextMoment, moment <= end {
            now = max(now, moment)
            steps += 1
            precondition(steps < 2_000_000, "the network never rests")
            if let first = flying.first, first.at <= now {
                flying.removeFirst()
                arrive(first)
            } else {
                for host in order where host.deadline <= now {
                    with(host.endpoint) { $0.tick(now: $1, using: &$2, into: &$3) }
                }
            }
        }
        now = end
    }

    private var nextMoment: Instant? {
        var next = flying.first?.at
        for host in order { next = min(next ?? host.deadline, host.deadline) }
        return next
    }

    private func arrive(_ datagram: Datagram) {
        if hosts[datagram.to] != nil {
            with(datagram.to) { $0.receive(datagram.bytes, from: datagram.from, now: $1, using: &$2, into: &$3) }
        } else if let script = scripts[datagram.to] {
            for answer in script(datagram) { send(answer, from: datagram.to, to: datagram.from) }
        }
    }

    /// The machine of a switch gets another address, as from a network that it was carried to; nobody tells anybody.
    func move(_ endpoint: Endpoint, to new: Endpoint) {
        guard let host = hosts.removeValue(forKey: endpoint) else { return }
        let moved = Host(new, host.node)
        moved.deadline = host.deadline
        moved.slept = host.slept
        hosts[new] = moved
        order = order.map { $0 === host ? moved : $0 }
    }

    /// The machine of a switch sleeps: nothing arrives, and its clock stands still.
    func freeze(_ endpoint: Endpoint, for duration: Duration) {
        guard let host = hosts[endpoint] else { return }
        hosts[endpoint] = nil
        order.removeAll { $0 === host }
        run(for: duration)
        host.slept += duration
        hosts[endpoint] = host
        order.append(host)
        if host.deadline != .distantFuture { host.deadline = host.deadline.advanced(by: duration) }
    }

    /// Something else happens to a switch.
    func with(
        _ endpoint: Endpoint, _ event: (inout Switch, Instant, inout Seeded, inout [Effect]) -> Void
    ) {
        guard let host = hosts[endpoint] else { return }
        var effects: [Effect] = []
        event(&host.node, now.advanced(by: .zero - host.slept), &random, &effects)
        let deadline = host.node.nextDeadline
        host.deadline = deadline == .distantFuture ? deadline : deadline.advanced(by: host.slept)
        for effect in effects {
            switch effect {
            case .send(let bytes, let to): send(bytes, from: endpoint, to: to)
            case .deliver(let delivery): deliveries[endpoint, default: []].append(delivery.signals["+message"] ?? "")
            case .progress(let change): progress[change.id] = change
            case .found: break
            }
        }
    }
}

extension Endpoint {
    /// Address `number` of a network in which everybody has an own /16.
    static func spread(_ number: Int) -> Endpoint {
        Solo.endpoint("\(20 + number % 80).\(number / 80 % 250 + 1).7.9:42424")
    }

    /// Switch `number` of one machine.
    static func local(_ number: Int) -> Endpoint {
        Solo.endpoint("127.0.0.1:\(40_000 + number)")
    }
}
