import Bus
import Logging
import Messages
import ServiceRuntime
import ZeroMQ

/// The receiver's side of its conversation with the router: introduction, beats, deliveries, acks, goodbye.
///
/// It lives on the bus's thread. Whatever happens to the router, it goes on: a router that is silent for
/// ``Liveness/silenceMilliseconds``, that was restarted, or whose connection ended, gets a new connection and a new
/// introduction.
final class RouterLink {
    private let bus: String
    private let curve: Curve?
    private let hello: Hello
    private let context: LoopContext
    private let counters: Counters
    private let logger: Logger
    private let delivered: ([Delivery], ConnectionNumber) -> Void
    private let told: ([Channel]) -> Void
    /// Messages in the store, for the beats; nil: not known.
    var messages: UInt64?

    private var number: ConnectionNumber = 0
    private var connection: RouterConnection?
    private var silentBeats: Int64 = 0
    private var reconnecting: LoopTimer?
    private var isClosed = false
    private var isReported = false
    /// The version of the bus that the router speaks, where that is not ours.
    private var foreignVersion: UInt8?
    private var lastProblem: String?
    /// Whether the router has answered our introduction and lives.
    private(set) var isWelcome = false

    /// - Parameters:
    ///   - delivered: gets deliveries, with the connection that they came on.
    ///   - told: gets what the whole node takes.
    init(
        bus: String, curve: Curve?, hello: Hello, in context: LoopContext, counters: Counters, logger: Logger,
        delivered: @escaping ([Delivery], ConnectionNumber) -> Void, told: @escaping ([Channel]) -> Void
    ) throws(ZeroMQError) {
        self.bus = bus
        self.curve = curve
        self.hello = hello
        self.context = context
        self.counters = counters
        self.logger = logger
        self.delivered = delivered
        self.told = told
        try connect()
        context.every(.milliseconds(Liveness.beatMilliseconds)) { [weak self] in self?.beat() }
    }

    /// Why deliveries cannot come; nil when they can.
    var hindrance: String? {
        if isWelcome { return nil }
        return foreignVersion.map { "the router speaks version \($0) of the bus, this receiver \(BusMessage.version)" }
            ?? "no router answers"
    }

    /// Sends the acks of one connection. Those of an earlier one are dropped: its deliveries are given out again.
    func send(_ acks: [Ack], on number: ConnectionNumber) {
        guard let connection, connection.number == number else {
            counters.add("acks_outdated", UInt64(acks.count))
            return
        }
        let lost = connection.send(acks)
        if lost > 0 { counters.add("acks_dropped", UInt64(lost)) }
    }

    /// Tells the router that nothing more comes, and ends the connection; what was sent is still carried over.
    func close() {
        isClosed = true
        isWelcome = false
        reconnecting?.cancel()
        if connection?.isIntroduced == true { connection?.send(.goodbye(hello.receiver)) }
        connection?.close()
        connection = nil
    }

    // MARK: - Connections

    private func connect() throws(ZeroMQError) {
        connection?.close()
        connection = nil
        silentBeats = 0
        number += 1
        let events = RouterConnection.Events(
            received: { [weak self, number] frames in self?.receive(frames, on: number) },
            lost: { [weak self, number] in self?.lost(number) }, refused: { [weak self] in self?.refused() })
        connection = try RouterConnection(number, to: bus, curve: curve, in: context, hello: hello, events: events)
    }

    /// At the latest ``Limits/helloPauseMilliseconds`` from now, on a socket of its own turn: this one may be calling us.
    private func reconnect(because reason: String) {
        guard !isClosed, reconnecting?.isActive != true else { return }
        if isWelcome { logger.warning("the router is gone, trying again", metadata: ["because": "\(reason)"]) }
        isWelcome = false
        counters.add("router_reconnects")
        reconnecting = context.after(.milliseconds(Limits.helloPauseMilliseconds)) { [weak self] in
            try self?.connect()
        }
    }

    /// Said once, until the router answers: a person has to change its list.
    private func refused() {
        counters.add("router_refuses_key")
        guard !isReported else { return }
        isReported = true
        logger.error(
            "the router does not allow this receiver's key; add it to the router's allow-list",
            metadata: ["bus": "\(bus)"])
    }

    private func lost(_ number: ConnectionNumber) {
        guard connection?.number == number else { return }
        reconnect(because: "the connection ended")
    }

    private func beat() {
        guard !isClosed else { return }
        // Only when there were no descriptors left to make one.
        guard let connection else { return reconnect(because: "no connection could be made") }
        silentBeats += 1
        if silentBeats > Liveness.missedBeats {
            if !isReported {
                isReported = true
                logger.warning("no router answers", metadata: ["bus": "\(bus)"])
            }
            silentBeats = 0
            return reconnect(because: "it is silent")
        }
        if connection.isIntroduced { connection.send(.receiverBeat(hello.receiver, messages: messages)) }
    }

    // MARK: - Messages

    private func receive(_ frames: [[UInt8]], on number: ConnectionNumber) {
        guard !isClosed, let connection, connection.number == number else { return }
        silentBeats = 0
        let message: BusMessage
        do throws(BusDecodeError) {
            message = try BusMessage.decode(frames)
        } catch {
            counters.add("frames_unreadable")
            if case .unknownVersion(let version) = error { return meetStranger(version) }
            connection.send(.problem(request: nil, code: "unreadable", text: error.description))
            return
        }
        switch message {
        case .deliver(let deliveries): delivered(deliveries, number)
        case .channels(let channels): told(channels)
        case .routerBeat: break
        case .welcome(let receiver): welcome(receiver)
        case .whoAreYou: reconnect(because: "it does not know this receiver")
        case .problem(_, let code, let text):
            // Never answered: two sides that don't understand each other's problems would not stop.
            counters.add("router_problems")
            // A receiver that isn't welcome gets the same answer to every beat.
            guard code != lastProblem else { return }
            lastProblem = code
            logger.warning("the router reports a problem", metadata: ["code": "\(code)", "text": "\(text)"])
        default:
            counters.add("frames_unexpected")
            connection.send(
                .problem(request: nil, code: "unexpected", text: "a router does not send this to a receiver"))
        }
    }

    /// Nothing that we say means anything to a router of another version, and it would answer our answers. It may be
    /// replaced at any time, so the introductions go on, at the pace at which a silent router is tried.
    private func meetStranger(_ version: UInt8) {
        guard foreignVersion != version else { return }
        foreignVersion = version
        logger.error(
            "the router speaks another version of the bus: run the same p2pmsg on both sides",
            metadata: ["bus": "\(bus)", "router": "\(version)", "receiver": "\(BusMessage.version)"])
    }

    private func welcome(_ receiver: ReceiverID) {
        guard receiver == hello.receiver, !isWelcome else { return }
        isWelcome = true
        isReported = false
        foreignVersion = nil
        lastProblem = nil
        logger.notice("the router is here", metadata: ["bus": "\(bus)"])
    }
}
