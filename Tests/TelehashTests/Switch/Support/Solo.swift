import Telehash
import TelehashWire

/// One switch under a microscope: datagrams go in by hand, and time is what the test says.
final class Solo {
    struct Sent {
        let to: Endpoint
        let bytes: [UInt8]
        let telex: Telex
    }

    static let home = Solo.endpoint("10.1.0.1:42424")

    var node: Switch
    var now = Instant(nanoseconds: 1_000_000_000)
    var random: Seeded
    private(set) var deliveries: [Delivery] = []
    private(set) var progress: [PublicationProgress] = []
    private(set) var found: [LookupReport] = []

    init(
        at home: Endpoint? = Solo.home, seeds: [Endpoint] = [], known: [Endpoint] = [],
        remembered: [RememberedLine] = [], advertised: Endpoint? = nil, usesTrees: Bool = true, seed: UInt64 = 1,
        limits: Limits = .default
    ) {
        random = Seeded(seed: seed)
        node = Switch(
            Switch.Configuration(
                seeds: seeds, known: known, remembered: remembered, advertised: advertised, bound: home,
                usesTrees: usesTrees, limits: limits),
            now: now, using: &random)
    }

    static func endpoint(_ text: String) -> Endpoint {
        guard let endpoint = Endpoint(text) else { preconditionFailure("not an endpoint: \(text)") }
        return endpoint
    }

    static func node(_ hex: String) -> NodeID {
        guard let id = NodeID(hex: hex) else { preconditionFailure("not a place: \(hex)") }
        return id
    }

    // MARK: Events

    @discardableResult
    func start() -> [Sent] {
        collect { node.start(now: now, using: &random, into: &$0) }
    }

    @discardableResult
    func receive(_ text: String, from sender: Endpoint) -> [Sent] {
        receive(Array(text.utf8), from: sender)
    }

    @discardableResult
    func receive(_ telex: Telex, from sender: Endpoint) -> [Sent] {
        receive(telex.encoded(), from: sender)
    }

    @discardableResult
    func receive(_ bytes: [UInt8], from sender: Endpoint) -> [Sent] {
        collect { node.receive(bytes, from: sender, now: now, using: &random, into: &$0) }
    }

    @discardableResult
    func tap(_ ends: Set<NodeID>) -> [Sent] {
        collect { node.tap(ends, now: now, using: &random, into: &$0) }
    }

    @discardableResult
    func publish(_ signals: Signals, end: NodeID, as id: UInt64 = 1, ofGuest: Bool = false) -> [Sent] {
        collect {
            node.publish(
                signals, end: end, as: PublicationID(value: id), ofGuest: ofGuest, now: now, using: &random, into: &$0)
        }
    }

    @discardableResult
    func lookUp(_ target: NodeID, as id: UInt64 = 1) -> [Sent] {
        collect { node.lookUp(target, as: LookupID(value: id), now: now, using: &random, into: &$0) }
    }

    @discardableResult
    func networkChanged(_ networks: OwnNetworks) -> [Sent] {
        collect { node.networkChanged(networks, now: now, using: &random, into: &$0) }
    }

    @discardableResult
    func replaceSeeds(_ seeds: [Endpoint], awaitsMore: Bool) -> [Sent] {
        collect { node.replaceSeeds(seeds, awaitsMore: awaitsMore, now: now, using: &random, into: &$0) }
    }

    /// Lets time pass, with a tick at every deadline.
    @discardableResult
    func advance(by duration: Duration) -> [Sent] {
        let end = now.advanced(by: duration)
        var sent: [Sent] = []
        while node.nextDeadline <= end {
            now = max(now, node.nextDeadline)
            let before = node.nextDeadline
            sent += collect { node.tick(now: now, using: &random, into: &$0) }
            if node.nextDeadline <= before { now = now.advanced(by: .microseconds(1)) }
        }
        now = end
        return sent
    }

    // MARK: Peers

    /// Makes a proven line as a switch does that dials us. With `isSwitch` the peer also answers, so that it counts
    /// as a part of the DHT. Returns the line's number.
    @discardableResult
    func prove(_ peer: Endpoint, ring: Int = 77, isSwitch: Bool = true, br: Int? = 0) -> Int {
        let dial = Telex(
            to: Solo.home, ring: ring, br: br, signals: Signals(["+end": Solo.home.nodeID.hex]),
            fields: [.init(key: "pad", text: String(repeating: ".", count: 60))])
        guard let line = receive(dial, from: peer).last(where: { $0.to == peer })?.telex.line else {
            preconditionFailure("no line for \(peer)")
        }
        let proof = Telex(to: Solo.home, line: line, br: br, see: isSwitch ? [] : nil)
        receive(proof, from: peer)
        return line
    }

    func counter(_ name: String) -> UInt64 {
        node.status(now: now).counters[name] ?? .max
    }

    /// A receiver verifies and keeps what was delivered.
    func acceptDeliveries() {
        for delivery in deliveries { judge(delivery, as: .genuine) }
    }

    /// A receiver says what it found.
    @discardableResult
    func judge(_ delivery: Delivery, as judgement: Judgement) -> [Sent] {
        collect {
            node.didJudge(delivery.token, delivery.signals, as: judgement, now: now, using: &random, into: &$0)
        }
    }

    // MARK: Effects

    private func collect(_ event: (inout [Effect]) -> Void) -> [Sent] {
        var effects: [Effect] = []
        event(&effects)
        var sent: [Sent] = []
        for effect in effects {
            switch effect {
            case .send(let bytes, let to):
                guard let telex = try? Telex.decode(bytes) else { preconditionFailure("sent what is no telex") }
                sent.append(Sent(to: to, bytes: bytes, telex: telex))
            case .deliver(let delivery): deliveries.append(delivery)
            case .progress(let change): progress.append(change)
            case .found(let report): found.append(report)
            }
        }
        return sent
    }
}

/// Random numbers that are the same in each run (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension Signals {
    /// A message as it travels: an end, an author and a text.
    static func message(_ text: String, by author: String = "an author", end: NodeID = .tweets) -> Signals {
        Signals(["+end": end.hex, "+key": author, "+message": text])
    }
}

extension NodeID {
    static let tweets = NodeID(sha1Of: "tests")
}

extension [Solo.Sent] {
    func to(_ endpoint: Endpoint) -> [Solo.Sent] { filter { $0.to == endpoint } }

    /// The telexes that carry the text of a message.
    func carrying(_ text: String) -> [Solo.Sent] { filter { $0.telex.signals["+message"] == text } }

    var byteCount: Int { reduce(0) { $0 + $1.bytes.count } }
}
