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
    /// ZMTP's own pings, which prove that the peer's process lives (they are answered by its I/O thread, so they say
    /// nothing about its application).
    package struct Heartbeat: Sendable, Hashable {
        /// Between two pings.
        package var interval = Duration.seconds(1)
        /// Silence after a ping that ends the connection.
        package var timeout = Duration.seconds(3)
        /// Silence after which the peer may end it.
        package var timeToLive = Duration.seconds(3)

        package init() {}
    }

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
    /// nil: no heartbeats.
    package var heartbeat: Heartbeat? = Heartbeat()
    /// A connection that hasn't introduced itself by then is closed.
    package var handshakeTimeout = Duration.seconds(2)
    /// Pause before another attempt to connect (libzmq adds up to the same again at random).
    package var reconnect = Duration.milliseconds(100)
    /// The pause doubles up to this; zero keeps it as it is, which is right for ipc: an attempt costs microseconds.
    package var reconnectMaximum = Duration.zero
    /// Dealer, push: a message goes only to a peer that is connected (`ZMQ_IMMEDIATE`); without one, `send` says
    /// `wouldBlock` instead of filling a queue that nobody reads.
    package var immediate = true
    /// Router: sending to a peer that isn't there says `unreachable` instead of dropping silently.
    package var routerMandatory = true
    /// Router: a newcomer with a routing id that is taken evicts the old connection.
    package var routerHandover = false
    /// The name under which a router on the other side sees this socket; nil lets it choose one.
    package var routingID: [UInt8]?

    /// nil: no encryption and no authentication, which only `ipc://` and `inproc://` allow.
    package var curve: Curve?

    package init() {}
}

extension SocketOptions {
    func apply(to socket: Socket) throws(ZeroMQError) {
        let kind = socket.kind
        try socket.set(ZMQ_SNDHWM, Int32(clamping: sendHighWater), "the send high-water mark")
        try socket.set(ZMQ_RCVHWM, Int32(clamping: receiveHighWater), "the receive high-water mark")
        try socket.set(ZMQ_LINGER, linger.wholeMilliseconds, "linger")
        try socket.set(ZMQ_MAXMSGSIZE, Int64(maxFrameBytes), "the largest frame")
        try socket.set(ZMQ_HANDSHAKE_IVL, handshakeTimeout.wholeMilliseconds, "the handshake timeout")
        try socket.set(ZMQ_RECONNECT_IVL, reconnect.wholeMilliseconds, "the reconnect interval")
        let longest = curve == nil ? reconnectMaximum : max(reconnectMaximum, ZeroMQLimits.tcpReconnectMaximum)
        try socket.set(ZMQ_RECONNECT_IVL_MAX, longest.wholeMilliseconds, "the longest reconnect interval")
        if let heartbeat {
            try socket.set(ZMQ_HEARTBEAT_IVL, heartbeat.interval.wholeMilliseconds, "the heartbeat interval")
            try socket.set(ZMQ_HEARTBEAT_TIMEOUT, heartbeat.timeout.wholeMilliseconds, "the heartbeat timeout")
            try socket.set(ZMQ_HEARTBEAT_TTL, heartbeat.timeToLive.wholeMilliseconds, "the heartbeat's time to live")
        }
        if kind == .dealer || kind == .push { try socket.set(ZMQ_IMMEDIATE, Int32(immediate ? 1 : 0), "immediate") }
        if kind == .router {
            try socket.set(ZMQ_ROUTER_MANDATORY, Int32(routerMandatory ? 1 : 0), "router mandatory")
            try socket.set(ZMQ_ROUTER_HANDOVER, Int32(routerHandover ? 1 : 0), "router handover")
        }
        if let curve { try curve.apply(to: socket) }
        if let routingID { try socket.set(ZMQ_ROUTING_ID, routingID, "the routing id") }
    }
}
