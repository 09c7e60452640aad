import CZeroMQ
import Glibc

/// What happens to the connections of a socket. Good for counters and for trying again early; no proof of anything, and
/// its order relative to messages means nothing.
package enum ConnectionEvent: Sendable, Hashable {
    /// A peer introduced itself.
    case connected
    /// A connection ended.
    case disconnected
    /// A connection ended because the peer doesn't speak ZMTP, speaks it wrongly or with another security, or (with
    /// CURVE) because the key that one side expects isn't the other's.
    case handshakeFailed
    /// A key isn't allowed: the peer's here or, for a socket that connects, ours there. libzmq doesn't try again.
    case keyRefused
}

extension Socket {
    /// Counts connections, and tells the body about them.
    ///
    /// - Throws: `addressInUse`, when they are observed already; `system`.
    package func observeConnections(_ body: ((ConnectionEvent) -> Void)? = nil) throws(ZeroMQError) {
        guard !isObserved else { throw ZeroMQError(.addressInUse, "the connections are observed already") }
        try startMonitor()
        isObserved = true
        onConnection = body
    }

    /// Every socket that binds has a monitor, because it has to know when descriptors run out. Once more is harmless.
    func startMonitor() throws(ZeroMQError) {
        let handle = try openHandle()
        guard monitor == nil else { return }
        context.monitorsMade += 1
        let endpoint = "inproc://monitor-\(context.monitorsMade)"
        let events =
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_ACCEPTED
            | ZMQ_EVENT_ACCEPT_FAILED
        guard zmq_socket_monitor(handle, endpoint, events) == 0 else { throw .last("can't observe connections") }
        var options = SocketOptions()
        // With a high-water mark libzmq's I/O thread, or our `close`, would block on a full queue. It is read in every
        // turn, so it is as long as the connections of one turn.
        options.receiveHighWater = 0
        let monitor = try context.socket(.pair, options)
        try monitor.connect(endpoint)
        monitor.onReceive = { [weak self] frames in
            if let frame = frames.first, frame.count == 6 { self?.observed(frame) }
        }
        self.monitor = monitor
    }

    /// The frame is the event's number (16 bits) and its value (32 bits), in the machine's byte order.
    private func observed(_ frame: [UInt8]) {
        let (number, value) = frame.withUnsafeBytes {
            (Int32($0.loadUnaligned(as: UInt16.self)), $0.loadUnaligned(fromByteOffset: 2, as: Int32.self))
        }
        switch number {
        case ZMQ_EVENT_ACCEPTED: accepted(value)
        case ZMQ_EVENT_ACCEPT_FAILED:
            // A peer that went away in between is no lack of ours.
            if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(value) { acceptFailed() }
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: tell(.connected, \.connected)
        case ZMQ_EVENT_DISCONNECTED: tell(.disconnected, \.disconnected)
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: tell(.keyRefused, \.keysRefused)
        default: tell(.handshakeFailed, \.handshakesFailed)
        }
    }

    private func tell(_ event: ConnectionEvent, _ counter: WritableKeyPath<SocketCounters, UInt64>) {
        counters[keyPath: counter] += 1
        onConnection?(event)
    }
}
