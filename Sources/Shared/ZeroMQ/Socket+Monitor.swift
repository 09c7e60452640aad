import CZeroMQ

/// What happens to the connections of a socket. Good for counters and for trying again early; no proof of anything, and
/// its order relative to messages means nothing.
public enum ConnectionEvent: Sendable, Hashable {
    /// A peer introduced itself.
    case connected
    /// A connection ended.
    case disconnected
    /// A connection ended because the peer doesn't speak ZMTP, or speaks it wrongly.
    case handshakeFailed
}

extension Socket {
    /// Counts connections, and tells the body about them.
    public func observeConnections(_ body: ((ConnectionEvent) -> Void)? = nil) throws(ZeroMQError) {
        let handle = try openHandle()
        guard monitor == nil else { throw ZeroMQError(.addressInUse, "the connections are observed already") }
        context.monitorsMade += 1
        let endpoint = "inproc://monitor-\(context.monitorsMade)"
        let events =
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        guard zmq_socket_monitor(handle, endpoint, events) == 0 else { throw .last("can't observe connections") }
        var options = SocketOptions()
        // With a high-water mark libzmq's I/O thread, or our `close`, would block on a full queue. It is read in every
        // turn, so it is as long as the connections of one turn.
        options.receiveHighWater = 0
        let monitor = try context.socket(.pair, options)
        try monitor.connect(endpoint)
        monitor.onReceive = { [weak self] frames in
            guard let self, let event = ConnectionEvent(frames) else { return }
            switch event {
            case .connected: counters.connected += 1
            case .disconnected: counters.disconnected += 1
            case .handshakeFailed: counters.handshakesFailed += 1
            }
            body?(event)
        }
        self.monitor = monitor
    }
}

extension ConnectionEvent {
    /// The first frame is the event's number (16 bits) and its value (32 bits), in the machine's byte order.
    fileprivate init?(_ frames: [[UInt8]]) {
        guard let frame = frames.first, frame.count == 6 else { return nil }
        let number = frame.withUnsafeBytes { Int32($0.loadUnaligned(as: UInt16.self)) }
        switch number {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .connected
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected
        default: self = .handshakeFailed
        }
    }
}
