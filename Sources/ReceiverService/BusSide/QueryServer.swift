import Bus
import BusSecurity
import ReceiverStore
import ServiceRuntime
import ZeroMQ

/// Answers queries and carries out controls of anybody who is connected. They run beside the bus's thread, a few queries
/// at a time, and one search and one control after the other: what takes long holds up nothing but its own kind. Those that
/// wait are bounded, and whoever comes then is told `busy`; a query for whose answer nobody waits any more is not begun.
final class QueryServer {
    /// Runs a query, until a deadline, and gives the answer's frames, from any thread.
    typealias Answerer = @Sendable (RequestID, Query, ContinuousClock.Instant) async -> [[UInt8]]
    /// Carries out a control and gives the answer's frames, from any thread.
    typealias Controller = @Sendable (RequestID, Control) async -> [[UInt8]]

    private enum Kind {
        case queries
        case searches
        case controls
        /// Steps of backups: controls that no other waits for.
        case copies

        var atATime: Int {
            switch self {
            case .queries: StoreLimits.concurrentQueries
            case .searches: StoreLimits.concurrentSearches
            case .controls, .copies: 1
            }
        }

        /// Each of these has threads of its own: pages don't wait in one line with the signatures of a flood, which are checked at
        /// the middle one, nor either of them with searches.
        var priority: TaskPriority {
            switch self {
            case .queries: .high
            case .controls: .medium
            case .searches, .copies: .low
            }
        }

        var waiting: Int {
            switch self {
            case .queries: Limits.waitingQueries
            case .searches: Limits.waitingSearches
            case .controls, .copies: Limits.waitingControls
            }
        }

        init(_ control: Control) {
            if case .copy = control { self = .copies } else { self = .controls }
        }
    }

    private struct Asked: Sendable {
        let kind: Kind
        let client: [UInt8]
        let request: RequestID
        /// Nil: somebody waits for as long as it takes.
        var deadline: ContinuousClock.Instant?
        /// Gives the answer's frames.
        let work: @Sendable () async -> [[UInt8]]
    }

    /// A short reply that found no place yet.
    private struct Unsent {
        let client: [UInt8]
        let frames: [[UInt8]]
        var tries = 1
    }

    let socket: Socket
    private let context: LoopContext
    private let store: StoreID
    private let counters: Counters
    private let answerer: Answerer
    private let controller: Controller
    private var running: [Kind: Int] = [:]
    private var waiting: [Kind: [Asked]] = [:]
    private var unsent: [Unsent] = []
    private var isClosed = false
    /// Set once nothing new is taken.
    private var onIdle: (() -> Void)?
    /// For answers that come from other threads.
    private lazy var server = LoopBound(self, in: context)

    init(
        at endpoint: String, curve: Curve?, members: BusMembers?, store: StoreID, in context: LoopContext,
        counters: Counters,
        answerer: @escaping Answerer, controller: @escaping Controller
    ) throws(ZeroMQError) {
        self.context = context
        self.store = store
        self.counters = counters
        self.answerer = answerer
        self.controller = controller
        var options = SocketOptions()
        options.maxFrameBytes = BusLimits.requestBytes
        options.sendHighWater = Limits.answersPerClient
        options.curve = curve
        members?.apply(to: &options)
        socket = try context.socket(.router, options)
        socket.identify(by: members?.roles)
        try socket.bind(endpoint)
        socket.onReceive = { [weak self] frames in self?.receive(frames) }
    }

    /// Takes nothing new, and sends those that wait to somebody else. `body` runs when what is under way has been answered,
    /// on the bus's thread.
    func drain(then body: @escaping () -> Void) {
        onIdle = body
        for asked in waiting.values.joined() { refuse(asked) }
        waiting = [:]
        endIfIdle()
    }

    func close() {
        isClosed = true
        onIdle = nil
        waiting = [:]
        unsent = []
        socket.close()
    }

    private func receive(_ frames: [[UInt8]]) {
        guard let client = frames.first, frames.count > 1 else { return counters.add("frames_unreadable") }
        let content = frames.dropFirst()
        do throws(BusDecodeError) {
            guard let message = socket.admitted(try BusMessage.decode(content)) else {
                counters.add("frames_not_allowed")
                let request = BusMessage.requestID(ofUnreadable: content)
                let text = "the sender has the role \(socket.sender?.role ?? "none"), which may not ask for that"
                return send(.problem(request: request, code: "not_allowed", text: text), to: client)
            }
            switch message {
            case .query(let request, let query, let wait):
                let deadline = ContinuousClock.now + .milliseconds(Int64(wait))
                take(
                    Asked(
                        kind: query.isSearch ? .searches : .queries, client: client, request: request,
                        deadline: deadline,
                        work: { [answerer] in await answerer(request, query, deadline) }))
            case .control(let request, let control):
                let work = { @Sendable [controller] in await controller(request, control) }
                take(Asked(kind: Kind(control), client: client, request: request, work: work))
            // Never answered: two sides that don't understand each other's problems would not stop.
            case .problem: counters.add("client_problems")
            default:
                counters.add("frames_unexpected")
                let request = BusMessage.requestID(ofUnreadable: content)
                send(
                    .problem(
                        request: request, code: "unexpected", text: "a receiver answers queries and controls only"),
                    to: client)
            }
        } catch {
            counters.add("frames_unreadable")
            let request = BusMessage.requestID(ofUnreadable: content)
            send(.problem(request: request, code: "unreadable", text: error.description), to: client)
        }
    }

    private func take(_ asked: Asked) {
        let isOpen = onIdle == nil
        if isOpen, running[asked.kind, default: 0] < asked.kind.atATime { return start(asked) }
        if waiting[asked.kind, default: []].count >= asked.kind.waiting { dropOutdated(asked.kind) }
        guard isOpen, waiting[asked.kind, default: []].count < asked.kind.waiting else { return refuse(asked) }
        waiting[asked.kind, default: []].append(asked)
    }

    private func refuse(_ asked: Asked) {
        counters.add("\(asked.kind)_refused_busy")
        send(.answer(asked.request, Answer(store: store, position: 0, body: .refused(.busy))), to: asked.client)
    }

    private func start(_ asked: Asked) {
        running[asked.kind, default: 0] += 1
        Task.detached(priority: asked.kind.priority) { [server] in
            let frames = await asked.work()
            server.post { $0.finish(asked, frames) }
        }
    }

    private func finish(_ asked: Asked, _ frames: [[UInt8]]) {
        running[asked.kind, default: 0] -= 1
        guard !isClosed else { return }
        counters.add("\(asked.kind)_answered")
        sendAnswer(frames, to: asked)
        guard let next = next(of: asked.kind) else { return endIfIdle() }
        start(next)
    }

    private func next(of kind: Kind) -> Asked? {
        dropOutdated(kind)
        return waiting[kind]?.isEmpty == false ? waiting[kind]?.removeFirst() : nil
    }

    /// What nobody waits for any more takes no place.
    private func dropOutdated(_ kind: Kind) {
        let now = ContinuousClock.now
        let before = waiting[kind, default: []].count
        waiting[kind]?.removeAll { $0.deadline.map { $0 <= now } ?? false }
        let dropped = before - waiting[kind, default: []].count
        if dropped > 0 { counters.add("\(kind)_outdated", UInt64(dropped)) }
    }

    /// An answer for which there is no room is not kept: it is what a client that does not read costs. That there is none
    /// is short, and said.
    private func sendAnswer(_ frames: [[UInt8]], to asked: Asked) {
        guard !transmit(Unsent(client: asked.client, frames: frames)) else { return }
        refuse(asked)
    }

    private func endIfIdle() {
        guard let onIdle, running.values.allSatisfy({ $0 == 0 }) else { return }
        self.onIdle = {}
        onIdle()
    }

    private func send(_ message: BusMessage, to client: [UInt8]) {
        send(message.frames(), to: client)
    }

    private func send(_ frames: [[UInt8]], to client: [UInt8]) {
        transmit(Unsent(client: client, frames: frames))
    }

    /// Refusals come faster than libzmq takes them: these are tried again.
    ///
    /// - Returns: false where the client could take it later, and it is too long to be kept.
    @discardableResult
    private func transmit(_ reply: Unsent) -> Bool {
        let result = socket.send([reply.client] + reply.frames)
        if result == .sent { return true }
        let size = reply.frames.reduce(0) { $0 + $1.count }
        guard result == .wouldBlock, size <= Limits.shortReplyBytes, unsent.count < Limits.unsentReplies,
            reply.tries < Limits.replyTries
        else {
            counters.add("answers_dropped")
            return result != .wouldBlock || size <= Limits.shortReplyBytes
        }
        if unsent.isEmpty {
            context.after(.milliseconds(Limits.replyPauseMilliseconds)) { [weak self] in self?.transmitAgain() }
        }
        unsent.append(Unsent(client: reply.client, frames: reply.frames, tries: reply.tries + 1))
        return true
    }

    private func transmitAgain() {
        let due = unsent
        unsent = []
        for reply in due { transmit(reply) }
    }
}
