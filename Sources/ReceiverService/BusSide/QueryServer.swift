import Bus
import ServiceRuntime
import ZeroMQ

/// Answers queries of anybody who is connected. The reads run beside the bus's thread, a few at a time; those that wait
/// are bounded, and whoever comes then is told `busy`.
final class QueryServer {
    /// Runs a query and gives the answer's frames, from any thread.
    typealias Answerer = @Sendable (RequestID, Query) async -> [[UInt8]]
    /// Brings an answer to the bus's thread.
    typealias Return = @Sendable (@escaping @Sendable (QueryServer) -> Void) -> Void

    private struct Asked: Sendable {
        let client: [UInt8]
        let request: RequestID
        let query: Query
    }

    /// A short reply that found no place yet.
    private struct Unsent {
        let client: [UInt8]
        let frames: [[UInt8]]
        var tries = 1
    }

    private let socket: Socket
    private let context: LoopContext
    private let store: StoreID
    private let counters: Counters
    private let answerer: Answerer
    private let onThread: Return
    private var running = 0
    private var waiting: [Asked] = []
    private var unsent: [Unsent] = []
    private var isClosed = false

    init(
        at endpoint: String, store: StoreID, in context: LoopContext, counters: Counters, answerer: @escaping Answerer,
        onThread: @escaping Return
    ) throws(ZeroMQError) {
        self.context = context
        self.store = store
        self.counters = counters
        self.answerer = answerer
        self.onThread = onThread
        var options = SocketOptions()
        options.maxFrameBytes = BusLimits.requestBytes
        options.sendHighWater = Limits.answersPerClient
        socket = try context.socket(.router, options)
        try socket.bind(endpoint)
        socket.onReceive = { [weak self] frames in self?.receive(frames) }
    }

    func close() {
        isClosed = true
        waiting = []
        unsent = []
        socket.close()
    }

    private func receive(_ frames: [[UInt8]]) {
        guard let client = frames.first, frames.count > 1 else { return counters.add("frames_unreadable") }
        let content = frames.dropFirst()
        do throws(BusDecodeError) {
            switch try BusMessage.decode(content) {
            case .query(let request, let query): take(Asked(client: client, request: request, query: query))
            // Never answered: two sides that don't understand each other's problems would not stop.
            case .problem: counters.add("client_problems")
            default:
                counters.add("frames_unexpected")
                let request = BusMessage.requestID(ofUnreadable: content)
                send(
                    .problem(request: request, code: "unexpected", text: "a receiver answers queries only"), to: client)
            }
        } catch {
            counters.add("frames_unreadable")
            let request = BusMessage.requestID(ofUnreadable: content)
            send(.problem(request: request, code: "unreadable", text: error.description), to: client)
        }
    }

    private func take(_ asked: Asked) {
        guard running < Limits.concurrentQueries else {
            guard waiting.count < Limits.waitingQueries else {
                counters.add("queries_refused_busy")
                let answer = Answer(store: store, position: 0, body: .refused(.busy))
                return send(.answer(asked.request, answer), to: asked.client)
            }
            waiting.append(asked)
            return
        }
        start(asked)
    }

    private func start(_ asked: Asked) {
        running += 1
        Task.detached(priority: .high) { [answerer, onThread] in
            let frames = await answerer(asked.request, asked.query)
            onThread { $0.finish(asked, frames) }
        }
    }

    private func finish(_ asked: Asked, _ frames: [[UInt8]]) {
        running -= 1
        guard !isClosed else { return }
        counters.add("queries_answered")
        send(frames, to: asked.client)
        if !waiting.isEmpty { start(waiting.removeFirst()) }
    }

    private func send(_ message: BusMessage, to client: [UInt8]) {
        send(message.frames(), to: client)
    }

    private func send(_ frames: [[UInt8]], to client: [UInt8]) {
        transmit(Unsent(client: client, frames: frames))
    }

    /// Refusals come faster than libzmq takes them: these are tried again. A long answer is not, because it is what a
    /// client that does not read costs.
    private func transmit(_ reply: Unsent) {
        let result = socket.send([reply.client] + reply.frames)
        if result == .sent { return }
        let size = reply.frames.reduce(0) { $0 + $1.count }
        guard result == .wouldBlock, size <= Limits.shortReplyBytes, unsent.count < Limits.unsentReplies,
            reply.tries < Limits.replyTries
        else { return counters.add("answers_dropped") }
        if unsent.isEmpty {
            context.after(.milliseconds(Limits.replyPauseMilliseconds)) { [weak self] in self?.transmitAgain() }
        }
        unsent.append(Unsent(client: reply.client, frames: reply.frames, tries: reply.tries + 1))
    }

    private func transmitAgain() {
        let due = unsent
        unsent = []
        for reply in due { transmit(reply) }
    }
}
