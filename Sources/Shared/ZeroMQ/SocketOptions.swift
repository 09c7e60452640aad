import CZeroMQ

/// The patterns of libzmq that the bus uses.
package enum SocketKind: String, Sendable, CaseIterable {
    case dealer, router, pub, sub, xpub, push, pull, pair

    var number: Int32 {
        switch self {
        case .dealer: ZMQ_DEALER
        case .router: ZMQ_ROUTER
        case .pub: ZMQ_PUB
        case .sub: ZMQ_SUB
        case .xpub: ZMQ_XPUB
        case .push: ZMQ_PUSH
        case .pull: ZMQ_PULL
        case .pair: ZMQ_PAIR
        }
    }
}

/// What a socket is made with. The defaults are the bus's: bounded in every direction, and no message waits for a peer
/// that isn't there.
package struct SocketOptions: Sendable, Hashable {
    /// Messages that wait for one peer, at most. 1 or more.
    package var sendHighWater = ZeroMQLimits.highWater
    /// Messages that wait for us from one peer, at most. 1 or more.
    package var receiveHighWater = ZeroMQLimits.highWater
    /// How long `close` keeps sending what waits. The closing itself doesn't block.
    package var linger = ZeroMQLimits.linger
    /// Bytes of one frame; a peer that sends more is disconnected.
    package var maxFrameBytes = ZeroMQLimits.frameBytes
    /// Frames of one message that we take; longer ones are dropped and counted.
    package var maxFrames = ZeroMQLimits.framesPerMessage
    /// Whether ZMTP's own pings go out, which prove that the peer's process lives (they are answered by its I/O thread, so
    /// they say nothing about its application). A peer that has been silent for three seconds is disconnected.
    package var hasHeartbeat = true
    /// Dealer, push: a message goes only to a peer that is connected (`ZMQ_IMMEDIATE`); without one, `send` says
    /// `wouldBlock` instead of filling a queue that nobody reads.
    package var immediate = true
    /// `ipc://`: the group whose members may connect beside the owner of the socket; nil: nobody.
    package var ipcGroup: UInt32?
    /// nil: no encryption and no authentication, which only `ipc://` and `inproc://` allow.
    package var curve: Curve?

    package init() {}
}

extension SocketOptions {
    func apply(to socket: Socket) throws(ZeroMQError) {
        try socket.set(ZMQ_SNDHWM, Int32(clamping: sendHighWater), "the send high-water mark")
        try socket.set(ZMQ_RCVHWM, Int32(clamping: receiveHighWater), "the receive high-water mark")
        try socket.set(ZMQ_LINGER, linger, "linger")
        try socket.set(ZMQ_MAXMSGSIZE, Int64(maxFrameBytes), "the largest frame")
        try socket.set(ZMQ_HANDSHAKE_IVL, ZeroMQLimits.handshakeTimeout, "the handshake timeout")
        try socket.set(ZMQ_RECONNECT_IVL, ZeroMQLimits.reconnect, "the reconnect interval")
        let longest = curve == nil ? .zero : ZeroMQLimits.tcpReconnectMaximum
        try socket.set(ZMQ_RECONNECT_IVL_MAX, longest, "the longest reconnect interval")
        if hasHeartbeat {
            try socket.set(ZMQ_HEARTBEAT_IVL, ZeroMQLimits.heartbeat, "the heartbeat interval")
            try socket.set(ZMQ_HEARTBEAT_TIMEOUT, ZeroMQLimits.heartbeatTimeout, "the heartbeat timeout")
            try socket.set(ZMQ_HEARTBEAT_TTL, ZeroMQLimits.heartbeatTimeout, "the heartbeat's time to live")
        }
        switch socket.kind {
        case .dealer, .push: try socket.set(ZMQ_IMMEDIATE, Int32(immediate ? 1 : 0), "immediate")
        // Sending to a peer that isn't there says `unreachable` instead of dropping silently.
        case .router: try socket.set(ZMQ_ROUTER_MANDATORY, Int32(1), "router mandatory")
        case .pub, .sub, .xpub, .pull, .pair: break
        }
        try curve?.apply(to: socket)
    }
}

extension Socket {
    func set<Value: FixedWidthInteger>(_ option: Int32, _ value: Value, _ name: String) throws(ZeroMQError) {
        let handle = try openHandle()
        var value = value
        guard zmq_setsockopt(handle, option, &value, MemoryLayout<Value>.size) == 0 else {
            throw .last("can't set \(name) of a \(kind) socket to \(value)")
        }
    }

    func set(_ option: Int32, _ value: Duration, _ name: String) throws(ZeroMQError) {
        try set(option, value.wholeMilliseconds, name)
    }

    func set(_ option: Int32, _ value: [UInt8], _ name: String) throws(ZeroMQError) {
        let handle = try openHandle()
        guard zmq_setsockopt(handle, option, value, value.count) == 0 else {
            throw .last("can't set \(name) of a \(kind) socket")
        }
    }
}

extension Duration {
    /// Rounded up and clamped to what libzmq's options take.
    var wholeMilliseconds: Int32 {
        Int32(max(0, min((self / .milliseconds(1)).rounded(.up), Double(Int32.max))))
    }
}
