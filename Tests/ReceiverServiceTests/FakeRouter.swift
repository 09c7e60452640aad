import Bus
import Messages
import Synchronization
import TestSupport
import ZeroMQ

/// The router's side of the bus, doing only what a test tells it.
final class FakeRouter: Sendable {
    /// Every message that came, in order.
    let received = Mailbox<BusMessage>()
    /// Frames that could not be read.
    let unreadable = Mailbox<String>()

    private let loop: Loop
    private let state: LoopBound<State>

    private final class State {
        let socket: Socket
        var client: [UInt8] = []
        var welcomes = true
        init(_ socket: Socket) { self.socket = socket }
    }

    private init(loop: Loop, state: LoopBound<State>) {
        self.loop = loop
        self.state = state
    }

    /// - Parameter welcomes: whether it answers introductions.
    static func bind(_ bus: String, welcomes: Bool = true) async throws -> FakeRouter {
        let loop = try Loop(name: "fake router")
        let state = try await loop.run { context in
            var options = SocketOptions()
            options.maxFrameBytes = BusLimits.requestBytes
            let socket = try context.socket(.router, options)
            try socket.bind(bus)
            let state = State(socket)
            state.welcomes = welcomes
            return LoopBound(state, in: context)
        }
        let router = FakeRouter(loop: loop, state: state)
        try await loop.run { [received = router.received, unreadable = router.unreadable] context in
            let state = state.value(in: context)
            state.socket.onReceive = { [unowned state] frames in
                do throws(BusDecodeError) {
                    let message = try BusMessage.decode(frames.dropFirst())
                    if case .hello(let hello) = message {
                        state.client = frames[0]
                        if state.welcomes {
                            state.socket.send([frames[0]] + BusMessage.welcome(hello.receiver).frames())
                        }
                    }
                    received.append(message)
                } catch {
                    unreadable.append(error.description)
                }
            }
        }
        return router
    }

    /// Sends to the receiver that said hello last.
    func send(_ message: BusMessage) { send(message.frames()) }

    func send(_ frames: [[UInt8]]) {
        loop.post { [state] context in
            let state = state.value(in: context)
            state.socket.send([state.client] + frames)
        }
    }

    func deliver(_ messages: [SignedMessage], from first: UInt64 = 1, source: Source = .client) {
        var rest = messages[...]
        var next = first
        while !rest.isEmpty {
            let batch = rest.prefix(BusLimits.deliverBatch)
            send(
                .deliver(
                    batch.enumerated().map {
                        Delivery(id: DeliveryID(next + UInt64($0)), attempt: 1, source: source, message: $1)
                    }))
            next += UInt64(batch.count)
            rest = rest.dropFirst(BusLimits.deliverBatch)
        }
    }

    func close() async { await loop.shutdown() }

    // MARK: - Waiting

    func hello(after start: Int = 0, within limit: Duration = .seconds(10)) async throws -> (index: Int, hello: Hello) {
        let found = await received.first(from: start, within: limit) {
            if case .hello = $0 { true } else { false }
        }
        guard let found, case .hello(let hello) = found.element else { throw NotInTime("a hello") }
        return (found.index, hello)
    }

    /// The outcomes of so many deliveries.
    func acks(_ count: Int, from start: Int = 0, within limit: Duration = .seconds(20)) async throws
        -> [DeliveryID: Ack.Outcome]
    {
        var outcomes: [DeliveryID: Ack.Outcome] = [:]
        var next = start
        while outcomes.count < count {
            let found = await received.first(from: next, within: limit) {
                if case .acks = $0 { true } else { false }
            }
            guard let found, case .acks(let acks) = found.element else {
                throw NotInTime("\(count) acks; there are \(outcomes.count)")
            }
            next = found.index + 1
            for ack in acks { outcomes[ack.id] = ack.outcome }
        }
        return outcomes
    }
}

/// A client of a receiver: queries and feed.
final class FakeClient: Sendable {
    /// Everything that came from the query socket and from the feed.
    let answers = Mailbox<BusMessage>()
    let feed = Mailbox<BusMessage>()
    private let loop: Loop
    private let dealer: LoopBound<Socket>

    private init(loop: Loop, dealer: LoopBound<Socket>) {
        self.loop = loop
        self.dealer = dealer
    }

    static func connect(to hello: Hello) async throws -> FakeClient {
        let loop = try Loop(name: "fake client")
        let (dealer, subscriber) = try await loop.run { context in
            var options = SocketOptions()
            options.maxFrameBytes = BusLimits.frameBytes
            options.immediate = false
            let dealer = try context.socket(.dealer, options)
            try dealer.connect(hello.queryEndpoint)
            let subscriber = try context.socket(.sub, options)
            try subscriber.subscribe(to: BusMessage.topic)
            try subscriber.connect(hello.feedEndpoint)
            return (LoopBound(dealer, in: context), LoopBound(subscriber, in: context))
        }
        let client = FakeClient(loop: loop, dealer: dealer)
        try await loop.run { [answers = client.answers, feed = client.feed] context in
            dealer.value(in: context).onReceive = {
                if let message = try? BusMessage.decode($0) { answers.append(message) }
            }
            subscriber.value(in: context).onReceive = {
                if let message = try? BusMessage.decode($0) { feed.append(message) }
            }
        }
        return client
    }

    func send(_ frames: [[UInt8]]) {
        loop.post { [dealer] context in dealer.value(in: context).send(frames) }
    }

    func ask(_ query: Query, as request: UInt64 = 1) async throws -> Answer {
        let start = answers.count
        send(BusMessage.query(RequestID(request), query).frames())
        let found = await answers.first(from: start, within: .seconds(10)) {
            if case .answer(RequestID(request), _) = $0 { true } else { false }
        }
        guard let found, case .answer(_, let answer) = found.element else { throw NotInTime("an answer") }
        return answer
    }

    func close() async { await loop.shutdown() }
}
