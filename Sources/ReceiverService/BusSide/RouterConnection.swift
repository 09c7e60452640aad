import Bus
import ZeroMQ

/// One socket to the router, on which the receiver introduces itself once.
///
/// A new introduction takes a new socket. So a delivery belongs to the introduction that it came after, and its ack can
/// only reach the router that gave it: a router that was restarted counts its deliveries anew, and an old ack with the
/// number of a new delivery would acknowledge a message that nobody has stored.
final class RouterConnection {
    let number: ConnectionNumber
    private let socket: Socket
    private(set) var isIntroduced = false
    private var waiting: [Ack] = []
    private var waitsForRoom = false

    struct Events {
        var received: ([[UInt8]]) -> Void
        /// The connection ended; libzmq would make another one on the same socket.
        var lost: () -> Void
        /// The router does not allow our key; `lost` follows.
        var refused: () -> Void
    }

    init(
        _ number: ConnectionNumber, to bus: String, curve: Curve?, in context: LoopContext, hello: Hello, events: Events
    ) throws(ZeroMQError) {
        self.number = number
        var options = SocketOptions()
        // A batch of deliveries is larger than what the router takes from us.
        options.maxFrameBytes = BusLimits.frameBytes
        options.curve = curve
        socket = try context.socket(.dealer, options)
        socket.onReceive = events.received
        try socket.observeConnections { event in
            switch event {
            case .disconnected: events.lost()
            case .keyRefused: events.refused()
            case .connected, .handshakeFailed: break
            }
        }
        try socket.connect(bus)
        socket.whenWritable { [weak self] in self?.introduce(hello) }
    }

    /// - Returns: false when the router does not read, or is not there.
    @discardableResult
    func send(_ message: BusMessage) -> Bool {
        socket.send(message.frames()) == .sent
    }

    /// Sends acks, or keeps them until the router reads again.
    ///
    /// - Returns: how many had no place, when all that can be under way waits. The router delivers their messages again.
    func send(_ acks: [Ack]) -> Int {
        waiting += acks
        flush()
        let excess = max(0, waiting.count - Limits.deliveriesUnderWay)
        waiting.removeFirst(excess)
        return excess
    }

    func close() {
        socket.close()
    }

    private func introduce(_ hello: Hello) {
        if send(.hello(hello)) {
            isIntroduced = true
        } else {
            socket.whenWritable { [weak self] in self?.introduce(hello) }
        }
    }

    private func flush() {
        while !waiting.isEmpty {
            let count = Self.fitting(waiting)
            guard send(.acks(Array(waiting.prefix(count)))) else { break }
            waiting.removeFirst(count)
        }
        guard !waiting.isEmpty, !waitsForRoom, socket.isOpen else { return }
        waitsForRoom = true
        socket.whenWritable { [weak self] in
            self?.waitsForRoom = false
            self?.flush()
        }
    }

    /// How many acks go into one frame: at least one, and no more than ``Limits/ackFrameBytes`` hold.
    private static func fitting(_ acks: [Ack]) -> Int {
        var bytes = 0
        for (index, ack) in acks.enumerated() {
            // The number, the outcome and two lengths are less than 32 bytes.
            bytes += 32
            if case .refused(let refusal) = ack.outcome { bytes += refusal.code.utf8.count + refusal.text.utf8.count }
            if case .failed(let refusal) = ack.outcome { bytes += refusal.code.utf8.count + refusal.text.utf8.count }
            if bytes > Limits.ackFrameBytes { return max(1, index) }
        }
        return acks.count
    }
}
