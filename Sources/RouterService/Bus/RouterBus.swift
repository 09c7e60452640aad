import Bus
import BusSecurity
import Logging
import Messages
import Operations
import ServiceRuntime
import Telehash
import ZeroMQ

/// The router's socket on the bus, with the ``Hub`` behind it; both live on one dedicated thread.
final class RouterBus {
    private let context: LoopContext
    private let socket: Socket
    private(set) var hub: Hub
    private var timer: LoopTimer?
    private var timerIsBusy = false
    private let logger: Logger
    private let mesh: MeshPort
    private let memory: StoreMemory
    /// Who may come in; nil over `ipc://`, where the directory says that.
    private var keys: BusGuard?

    /// Binds the bus.
    ///
    /// - Parameters:
    ///   - endpoint: where, `ipc://…` or `tcp://…`.
    ///   - keys: needed for `tcp://`.
    ///   - members: who comes in over `ipc://` beside this user.
    ///   - channels: those of the router's own flags.
    ///   - memory: what the router before this one left, and where this one leaves it.
    ///   - mesh: the way to the switch.
    /// - Throws: `ZeroMQError` that names the endpoint.
    init(
        endpoint: String, keys: BusGuard?, members: BusMembers?, channels: [Channel], memory: StoreMemory,
        mesh: MeshPort, logger: Logger, in context: LoopContext
    ) throws {
        self.keys = keys
        self.context = context
        self.logger = logger
        self.mesh = mesh
        self.memory = memory
        hub = Hub(
            version: Version.current, channels: channels, remembered: memory.remembered,
            patience: RouterLimits.receiverPatience, now: Self.now)
        var options = SocketOptions()
        options.maxFrameBytes = BusLimits.requestBytes
        options.maxFrames = BusLimits.frames
        options.sendHighWater = RouterLimits.waitingForPeer
        options.receiveHighWater = RouterLimits.waitingFromPeer
        options.curve = keys?.forBinding
        members?.apply(to: &options)
        try keys?.open(in: context)
        socket = try context.socket(.router, options)
        socket.identify(by: members?.roles)
        try socket.bind(endpoint)
        socket.onReceive = { [unowned self] frames in received(frames) }
        socket.onBurstEnd = { [unowned self] in endBurst() }
        // What comes for stores that are not back yet waits for them.
        hub.updateTaps()
        perform()
        schedule()
    }

    /// What the switch reports.
    func apply(_ events: [MeshEvent]) {
        let now = Self.now
        for event in events {
            switch event {
            case .delivery(let delivery): arrived(delivery, now: now)
            case .progress(let progress):
                guard let id = mesh.message(of: progress) else { continue }
                hub.progressed(
                    id, taken: progress.taken, finished: progress.finished, now: now)
            }
        }
        endBurst()
    }

    /// Whether messages that come in now are kept.
    var readiness: Readiness {
        if hub.receivers.isEmpty { return .notReady("no receiver is connected") }
        return socket.isListening ? .ready : .notReady("the bus is bound anew, its file was deleted")
    }

    /// The counters of this side.
    var counters: [String: UInt64] {
        let connections = socket.counters
        return hub.namedCounters.merging([
            "bus_handshakes_failed": connections.handshakesFailed, "bus_keys_refused": connections.keysRefused,
            "bus_accepts_failed": connections.acceptsFailed, "bus_listening_pauses": connections.pauses,
            "bus_rebound": connections.rebound,
            RefusedConnections.counterName: RefusedConnections.count,
        ]) { $1 }
    }

    /// Lets in whom the list of `keys` names from now on. When it has lost somebody, all connections are made anew:
    /// libzmq can't end a single one. Clients send again what has no answer, receivers introduce themselves again.
    ///
    /// - Returns: whether connections were ended.
    func allow(_ keys: BusGuard) throws -> Bool {
        let before = self.keys
        try keys.open(in: context)
        let hasLost = before?.allowed.hasLost(in: keys.allowed) == true
        do {
            if hasLost { try socket.renewConnections() }
        } catch {
            // All or nothing: who was removed would otherwise stay without anybody knowing.
            try before?.open(in: context)
            throw error
        }
        self.keys = keys
        return hasLost
    }

    private func arrived(_ delivery: Telehash.Delivery, now: Int64) {
        do {
            let message = try SignedMessage(signals: delivery.signals)
            hub.arrivedFromMesh(
                message, by: delivery.from.sourceName, token: delivery.token,
                isPlain: message.signals == delivery.signals, now: now)
        } catch {
            hub.counters[.malformedFromMesh] += 1
            mesh.judged(delivery.token, delivery.signals, Judgement(error))
        }
    }

    private func received(_ frames: [[UInt8]]) {
        guard let routing = frames.first else { return }
        let peer = RoutingID(bytes: routing)
        let body = frames.dropFirst()
        do {
            let message = try BusMessage.decode(body)
            if let admitted = socket.admitted(message) {
                hub.received(admitted, from: peer, now: Self.now)
            } else {
                hub.notAllowed(message, role: socket.sender?.role ?? "none", from: peer)
            }
        } catch {
            hub.unreadable(error, request: BusMessage.requestID(ofUnreadable: body), from: peer)
        }
        perform()
    }

    /// What is done once for everything that came together.
    private func endBurst() {
        hub.dispatch(now: Self.now)
        perform()
        mesh.flush()
        schedule()
    }

    private func perform() {
        // Sending can find a peer gone, which has effects of its own.
        while !hub.effects.isEmpty {
            for effect in hub.takeEffects() { perform(effect) }
        }
    }

    private func perform(_ effect: HubEffect) {
        switch effect {
        case .send(let message, let peer): send(message, to: peer)
        case .publish(let message, let origin): mesh.publish(message, from: origin)
        case .judged(let token, let message, let judgement): mesh.judged(token, message.signals, judgement)
        case .tap(let ends): mesh.tap(ends)
        case .remember(let stores): memory.remember(stores)
        case .live(let message, let request, let peer):
            send(.live(request, message, receivedAt: Timestamp.now), to: peer)
        case .reportStatus(let request, let peer):
            mesh.askForStatus { bus, status in bus.answer(request, from: peer, with: status) }
        case .note(let note): log(note)
        }
    }

    private func answer(_ request: RequestID, from peer: RoutingID, with status: MeshStatus) {
        let report = StatusReport(mesh.describe(status), status, bus: counters, stores: hub.storeReports())
        send(.status(request, json: report.json), to: peer)
        endBurst()
    }

    private func send(_ message: BusMessage, to peer: RoutingID) {
        switch socket.send([peer.bytes] + message.frames()) {
        case .sent: break
        case .unreachable:
            hub.unreachable(peer, now: Self.now)
            hub.dispatch(now: Self.now)
        // A full queue: a delivery goes to another receiver, a receipt is asked for again by whoever misses it.
        case .wouldBlock: hub.congested(peer, message)
        }
    }

    private func schedule() {
        let wait = hub.nextTick(now: Self.now)
        let isBusy = wait <= RouterLimits.busyTickMilliseconds
        if timer != nil, timerIsBusy || !isBusy { return }
        timer?.cancel()
        timerIsBusy = isBusy
        timer = context.after(.milliseconds(wait)) { [unowned self] in
            timer = nil
            hub.tick(now: Self.now)
            endBurst()
        }
    }

    private func log(_ note: HubNote) {
        switch note {
        case .receiverJoined(let receiver, let store):
            logger.info("receiver joined", metadata: ["receiver": "\(receiver.id.short)", "store": "\(store)"])
        case .receiverLeft(let receiver, let store, let why):
            logger.notice(
                "receiver left", metadata: ["receiver": "\(receiver.id.short)", "store": "\(store)", "why": "\(why)"])
        case .storeForgotten(let store, let dropped):
            logger.warning(
                "a store stayed away for ten minutes, or gave way to another; what waited for it is dropped",
                metadata: ["store": "\(store)", "dropped": "\(dropped)"])
        case .deadLetters(let store, let total):
            logger.error(
                "five deliveries could not place a message; look at the log of this store's receivers",
                metadata: ["store": "\(store)", "total": "\(total)"])
        }
    }

    /// Milliseconds of the monotonic clock: a jump of the wall clock must not end leases or drop receivers.
    private static var now: Int64 { Instant.now.nanoseconds / 1_000_000 }
}
