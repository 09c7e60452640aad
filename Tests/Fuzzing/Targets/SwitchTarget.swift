import Telehash
import TelehashWire

/// A program against one switch: 1 to 200 steps in which up to 20 addresses send what they like, time passes, and the
/// application gives its orders. After each step the effects must be those that ``SwitchModel`` allows.
enum SwitchTarget {
    /// Steps of one program.
    static let steps = 200

    static func run(_ input: UnsafeBufferPointer<UInt8>, timing timer: inout CallTimer) throws(Finding) {
        var source = ByteSource(input)
        var run = SwitchRun(setup: source.byte())
        try run.start(timing: &timer)
        for _ in 0..<steps where !source.isAtEnd {
            try run.perform(SwitchStep(from: &source, peers: run.model.peers), timing: &timer)
        }
        try run.end(timing: &timer)
    }
}

/// One switch, its clock and its model while a program runs.
struct SwitchRun {
    private(set) var model: SwitchModel
    private var node: Switch
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var random: SmallGenerator
    private var lastDatagram: (bytes: [UInt8], from: Int) = ([], 0)
    private var orders: UInt64 = 0
    private var ticks = 0
    private var effects: [Effect] = []

    /// Ticks in one program: long times are cut short rather than let one input take seconds.
    private static let ticksPerProgram = 400
    /// Ticks that the switch may want at one moment before it is plain that it will never stop.
    private static let ticksPerMoment = 20

    /// - Parameter setup: which address the switch knows as its own, its seeds, its limits, and the seed of its rings.
    init(setup: Int) {
        random = SmallGenerator(seed: UInt64(setup >> 5))
        let limits = setup & 1 == 0 ? Limits.default : SwitchWorld.smallLimits
        let own: Endpoint? = [SwitchWorld.home, nil, SwitchWorld.peers[13], SwitchWorld.home][setup >> 1 & 3]
        let seeds = [[], [SwitchWorld.peers[0]], [SwitchWorld.peers[1], SwitchWorld.home], []][setup >> 3 & 3]
        node = Switch(Switch.Configuration(seeds: seeds, bound: own, limits: limits), now: now, using: &random)
        model = SwitchModel(limits: limits, ownAddress: own, seeds: seeds, now: now)
    }

    mutating func start(timing timer: inout CallTimer) throws(Finding) {
        timer.time { node.start(now: now, using: &random, into: &effects) }
        try settle()
    }

    mutating func perform(_ step: SwitchStep, timing timer: inout CallTimer) throws(Finding) {
        switch step {
        case .datagram(let bytes, let peer): try receive(bytes, from: peer, timing: &timer)
        case .again(let times):
            for _ in 0..<times { try receive(lastDatagram.bytes, from: lastDatagram.from, timing: &timer) }
        case .echo(let peer): try receive(model.lastSent, from: peer, timing: &timer)
        case .prove(let peer, let isSwitch): try prove(peer, isSwitch: isSwitch, timing: &timer)
        case .answer(let peer, let see): try answer(peer, see: see, timing: &timer)
        case .wait(let duration): try wait(duration, timing: &timer)
        case .freeze(let duration): now = now.advanced(by: duration)
        case .tick: try tick(timing: &timer)
        case .sendFailed(let peer):
            timer.time { node.sendFailed(to: model.peers[peer].endpoint, now: now, using: &random, into: &effects) }
            try settle()
        case .publish, .tap, .lookUp: try order(step, timing: &timer)
        }
    }

    /// Looks at the tables, lets the publications end, and then the lines.
    mutating func end(timing timer: inout CallTimer) throws(Finding) {
        try model.check(node.status(now: now))
        ticks = 0
        try wait(model.limits.exchange.publicationLife + .seconds(1), timing: &timer)
        if ticks < SwitchRun.ticksPerProgram { try model.checkAllIsFinished() }
        ticks = 0
        now = now.advanced(by: model.limits.lines.lineSilence)
        try tick(timing: &timer)
        // A seed that is being dialled may still answer; between two dials its line ends.
        try wait(
            model.limits.routing.seedBackoffCeiling + model.limits.lines.ringPending + model.limits.lines.sweep,
            timing: &timer)
        let status = node.status(now: now)
        try model.check(status)
        try require(status.proven == 0, "\(status.proven) lines outlive their silence")
    }

    // MARK: Peers

    private mutating func receive(_ bytes: [UInt8], from peer: Int, timing timer: inout CallTimer) throws(Finding) {
        lastDatagram = (bytes, peer)
        model.willReceive(bytes, from: peer)
        let endpoint = model.peers[peer].endpoint
        timer.time { node.receive(bytes, from: endpoint, now: now, using: &random, into: &effects) }
        try settle()
    }

    private mutating func prove(_ peer: Int, isSwitch: Bool, timing timer: inout CallTimer) throws(Finding) {
        let dial = Telex(
            to: SwitchWorld.home, ring: model.peers[peer].ring, br: 0,
            signals: Signals(["+end": SwitchWorld.home.nodeID.hex]),
            fields: [.init(key: "pad", text: String(repeating: ".", count: 60))])
        try receive(dial.encoded(), from: peer, timing: &timer)
        try answer(peer, see: isSwitch ? [] : nil, timing: &timer)
    }

    private mutating func answer(_ peer: Int, see: [Int]?, timing timer: inout CallTimer) throws(Finding) {
        let answer = Telex(
            to: SwitchWorld.home, line: model.peers[peer].line, br: model.peers[peer].sentTo,
            see: see.map { $0.map { SwitchWorld.peers[$0] } })
        try receive(answer.encoded(), from: peer, timing: &timer)
    }

    // MARK: The application

    private mutating func order(_ step: SwitchStep, timing timer: inout CallTimer) throws(Finding) {
        orders += 1
        switch step {
        case .publish(let signals, let end):
            let id = PublicationID(value: orders)
            model.willPublish(signals, as: id, now: now)
            timer.time { node.publish(signals, end: end, as: id, now: now, using: &random, into: &effects) }
        case .tap(let ends):
            model.willTap(Set(ends))
            timer.time { node.tap(Set(ends), now: now, using: &random, into: &effects) }
        case .lookUp(let target):
            let id = LookupID(value: orders)
            model.willLookUp(as: id)
            timer.time { node.lookUp(target, as: id, now: now, using: &random, into: &effects) }
        default: break
        }
        try settle()
    }

    // MARK: Time

    private mutating func tick(timing timer: inout CallTimer) throws(Finding) {
        timer.time { node.tick(now: now, using: &random, into: &effects) }
        try settle()
    }

    private mutating func wait(_ duration: Duration, timing timer: inout CallTimer) throws(Finding) {
        let end = now.advanced(by: duration)
        var atOnce = 0
        while node.nextDeadline <= end, ticks < SwitchRun.ticksPerProgram {
            atOnce = node.nextDeadline > now ? 0 : atOnce + 1
            try require(atOnce < SwitchRun.ticksPerMoment, "the switch wants to be woken for ever")
            now = max(now, node.nextDeadline)
            ticks += 1
            try tick(timing: &timer)
        }
        now = end
    }

    private mutating func settle() throws(Finding) {
        try model.check(effects, now: now)
        try model.check(node.audit())
        effects.removeAll(keepingCapacity: true)
    }
}
