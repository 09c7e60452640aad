import Bus
import ZeroMQ

/// A dealer to one peer, with requests under way. Belongs to the loop's thread.
///
/// A request that can't be sent yet (nobody is connected, or the queue is full) waits, and goes out as soon as it can.
final class Link {
    private struct Request {
        let deadline: ContinuousClock.Instant
        /// Sent again while no answer comes, and after every new connection. One that doesn't fails with the connection.
        let repeats: Bool
        /// Made anew for each sending; gets the time that is left.
        let message: (Duration) -> BusMessage
        let finish: Completion<BusMessage>

        // The link's own.
        var pause = BusClientLimits.firstResend
        var timer: LoopTimer?
        var sendings = 0
        var isWaiting = false
        /// A refusal that may pass, such as `busy`.
        var refusal: Refusal?
    }

    /// What it is, for error messages: "the router at ipc://…".
    let peer: String
    /// What it means when nobody is there.
    private let absence: BusError.Code
    /// Gets what is no answer to a request.
    var onOther: (BusMessage) -> Void = { _ in }
    var onConnected: () -> Void = {}

    private(set) var connection = Connection.new

    /// Whether somebody is at the other end.
    enum Connection: Comparable { case up, new, lost }

    private let counters: ClientCounters
    private let context: LoopContext
    private let endpoint: String
    private let curve: Curve?
    /// Whether the other side is a store whose rows are checked no more.
    private let trustsStore: Bool
    private var socket: Socket
    /// Why nobody is there, where the other side has shown it.
    private var handshakeProblem: HandshakeProblem?
    private var isClosed = false
    private enum HandshakeProblem { case keyRefused, broken }

    private var requests: [RequestID: Request] = [:]
    private var waiting: [RequestID] = []
    private var waitsForRoom = false

    /// - Parameter curve: needed for `tcp://`.
    init(
        to endpoint: String, peer: String, absence: BusError.Code, curve: Curve?, trustsStore: Bool = false,
        counters: ClientCounters, context: LoopContext
    ) throws(ZeroMQError) {
        self.endpoint = endpoint
        self.peer = peer
        self.absence = absence
        self.curve = curve
        self.trustsStore = trustsStore
        self.counters = counters
        self.context = context
        socket = try Link.makeSocket(curve, context)
        try connect()
    }

    private static func makeSocket(_ curve: Curve?, _ context: LoopContext) throws(ZeroMQError) -> Socket {
        try context.socket(.dealer, .bus(curve))
    }

    private func connect() throws(ZeroMQError) {
        try socket.observeConnections { [weak self] event in self?.connectionChanged(event) }
        socket.onReceive = { [weak self] frames in self?.received(frames) }
        try socket.connect(endpoint)
    }

    /// libzmq gives up where a key was refused; we don't, because lists change.
    private func tryAgain() {
        guard !isClosed else { return }
        socket.close()
        do throws(ZeroMQError) {
            socket = try Link.makeSocket(curve, context)
            try connect()
        } catch {
            return tryAgainLater()
        }
        // What waited for room on the old socket waits on this one.
        waitsForRoom = false
        if !waiting.isEmpty { waitForRoom() }
    }

    private func tryAgainLater() {
        context.after(BusClientLimits.refusedPause) { [weak self] in self?.tryAgain() }
    }

    deinit { socket.close() }

    /// - Parameter read: takes the answer out of a message; nil for one that is none to this question.
    func ask<Value>(
        _ id: RequestID, deadline: ContinuousClock.Instant, repeats: Bool,
        message: @escaping (Duration) -> BusMessage, read: @escaping (BusMessage) -> Value?,
        finish: @escaping Completion<Value>
    ) {
        guard requests.count < BusClientLimits.requestsInFlight else {
            return finish(
                .failure(BusError(.busy, "\(BusClientLimits.requestsInFlight) requests wait for \(peer) already")))
        }
        requests[id] = Request(deadline: deadline, repeats: repeats, message: message) { [peer] result in
            finish(result.flatMap { read($0).map { .success($0) } ?? .failure(.unexpected(from: peer)) })
        }
        transmit(id)
        arm(id)
    }

    /// It won't finish any more.
    func cancel(_ id: RequestID) {
        remove(id)?.timer?.cancel()
    }

    /// Without request: nothing comes back, nothing is repeated.
    @discardableResult
    func send(_ message: BusMessage) -> SendResult {
        socket.send(message.frames())
    }

    func close(_ error: BusError) {
        isClosed = true
        socket.close()
        for id in requests.keys.sorted() { finish(id, .failure(error)) }
    }

    private func finish(_ id: RequestID, _ result: Result<BusMessage, BusError>) {
        guard let request = remove(id) else {
            counters.now.unknownReplies += 1
            return
        }
        request.timer?.cancel()
        request.finish(result)
    }

    private func remove(_ id: RequestID) -> Request? {
        let request = requests.removeValue(forKey: id)
        // While nobody is there, those that gave up must not stay in the line for ever.
        if request?.isWaiting == true, waiting.count > 2 * requests.count + 64 {
            waiting.removeAll { requests[$0] == nil }
        }
        return request
    }
}

extension SocketOptions {
    /// Pages and directories are larger than what is sent to the other side.
    static func bus(_ curve: Curve?) -> SocketOptions {
        var options = SocketOptions()
        options.maxFrameBytes = BusLimits.frameBytes
        options.maxFrames = BusLimits.frames
        options.curve = curve
        return options
    }
}

// Sending.
extension Link {
    private func transmit(_ id: RequestID) {
        guard let request = requests[id], !request.isWaiting else { return }
        let left = ContinuousClock.now.duration(to: request.deadline)
        if socket.send(request.message(max(left, .zero)).frames()) == .sent {
            requests[id]?.sendings += 1
            if request.sendings > 0 { counters.now.resent += 1 }
        } else {
            requests[id]?.isWaiting = true
            waiting.append(id)
            waitForRoom()
        }
    }

    private func waitForRoom() {
        guard !waitsForRoom, socket.isOpen else { return }
        waitsForRoom = true
        socket.whenWritable { [weak self] in
            guard let self else { return }
            waitsForRoom = false
            let due = waiting
            waiting = []
            for (index, id) in due.enumerated() {
                requests[id]?.isWaiting = false
                transmit(id)
                // Full again: the rest keeps its order.
                if waitsForRoom {
                    waiting += due[(index + 1)...]
                    return
                }
            }
        }
    }

    private func arm(_ id: RequestID) {
        guard let request = requests[id] else { return }
        let now = ContinuousClock.now
        let next = request.repeats ? min(now + request.pause, request.deadline) : request.deadline
        requests[id]?.timer = context.after(now.duration(to: next)) { [weak self] in self?.timeIsUp(id) }
    }

    private func timeIsUp(_ id: RequestID) {
        guard let request = requests[id] else { return }
        guard ContinuousClock.now < request.deadline else {
            return finish(id, .failure(request.refusal.map { BusError($0) } ?? silence))
        }
        requests[id]?.pause = min(request.pause * 2, BusClientLimits.longestResend)
        transmit(id)
        arm(id)
    }

    /// Why there is no answer.
    var silence: BusError {
        connection == .up ? BusError(.timedOut, "\(peer) did not answer in time") : absent
    }

    private var absent: BusError {
        switch handshakeProblem {
        case .keyRefused:
            BusError(.keyRefused, "\(peer) does not allow our key: is it in the file that --allow names there?")
        case .broken where curve != nil:
            BusError(
                absence,
                "\(peer) is not there, or it breaks off the handshake: "
                    + (absence == .noRouter ? "is --router-key its public key?" : "has it another key by now?"))
        default: BusError(absence, "\(peer) is not there, or does not answer")
        }
    }

    private func connectionChanged(_ event: ConnectionEvent) {
        switch event {
        case .connected:
            if connection == .lost { sendAllAgain() }
            connection = .up
            handshakeProblem = nil
            onConnected()
        case .disconnected:
            connection = .lost
            let error = absent
            for id in requests.keys.sorted() where requests[id]?.repeats == false { finish(id, .failure(error)) }
        case .handshakeFailed: handshakeProblem = .broken
        case .keyRefused:
            handshakeProblem = .keyRefused
            connection = .lost
            // Waiting helps nobody: a person has to change a list first.
            let error = absent
            for id in requests.keys.sorted() { finish(id, .failure(error)) }
            tryAgainLater()
        }
    }

    /// Whoever is bound there now may know nothing of what was sent before.
    private func sendAllAgain() {
        for id in requests.keys.sorted() where (requests[id]?.sendings ?? 0) > 0 { transmit(id) }
    }
}

// Receiving.
extension Link {
    private func received(_ frames: [[UInt8]]) {
        let message: BusMessage
        do {
            message = try BusMessage.decode(frames, trustsStores: trustsStore)
        } catch {
            counters.now.unreadable += 1
            // Every message of this peer has that version: nothing that waits will be answered.
            guard case .unknownVersion = error else { return }
            for id in requests.keys.sorted() { finish(id, .failure(BusError(.version, "\(peer): \(error)"))) }
            return
        }
        switch message {
        case .receipt(let id, _), .directory(let id, _), .status(let id, _), .answer(let id, _),
            .deadLetters(let id, _):
            finish(id, .success(message))
        case .refusal(let id, let refusal): refused(id, refusal)
        case .problem(let id?, let code, let text):
            let isVersion = code.hasPrefix("unknown_")
            let refusal = Refusal(code: code, text: text)
            finish(id, .failure(isVersion ? BusError(.version, "\(peer): \(text)") : BusError(refusal)))
        case .live, .following: onOther(message)
        default: counters.now.unreadable += 1
        }
    }

    private func refused(_ id: RequestID, _ refusal: Refusal) {
        guard refusal.code == "busy", requests[id]?.repeats == true else {
            return finish(id, .failure(BusError(refusal)))
        }
        // It passes; the request is repeated anyway.
        requests[id]?.refusal = refusal
    }
}
