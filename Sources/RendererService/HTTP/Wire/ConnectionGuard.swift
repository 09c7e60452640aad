import NIOCore
import ServiceRuntime

/// Stands before the decoder: counts the connection, and ends one whose request does not get on. Of a request that has begun the
/// head has to be whole within ``Limits/headSeconds``, however slowly its bytes drip.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// The head of a request did not come in time.
    struct SlowHead: Sendable {}

    private let connections: Connections
    private let proxies: Proxies
    private let counters: Counters
    private var connection: Connections.Connection?
    /// When the head that is coming began.
    private var headSince: NIODeadline?
    private var isServing = false

    init(_ connections: Connections, proxies: Proxies, counters: Counters) {
        self.connections = connections
        self.proxies = proxies
        self.counters = counters
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        let channel = context.channel
        // Where it was reset already, nobody can tell any more whose it was.
        guard channel.remoteAddress != nil else {
            counters.add("connections_gone")
            return context.close(promise: nil)
        }
        let verdict = connections.admit(
            proxies.place(of: Peer(channel.remoteAddress)), close: { channel.close(promise: nil) },
            isTooSlow: { channel.pipeline.fireUserInboundEventTriggered(SlowHead()) })
        switch verdict {
        case .admitted(let connection, let displaced):
            self.connection = connection
            if displaced { counters.add("connections_displaced") }
        case .refused:
            counters.add("connections_refused")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let connection { connections.leave(connection) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isServing, headSince == nil {
            let now = NIODeadline.now()
            headSince = now
            connection?.beginsHead(at: now.uptimeNanoseconds)
        }
        context.fireChannelRead(data)
    }

    /// A whole head is here.
    func headCame() {
        isServing = true
        headSince = nil
        if let connection { connections.isServed(connection) }
    }

    /// A whole request is here. Where it was answered before, what came since then was no head.
    func requestEnded() {
        headSince = nil
        connection?.endsHead()
    }

    /// Whether the head that is coming should be whole by now.
    var isHeadLate: Bool {
        headSince.map { NIODeadline.now() - $0 > .seconds(Limits.headSeconds) } ?? false
    }

    /// Everything is answered that was asked.
    func allIsAnswered() {
        isServing = false
        if let connection { connections.isWaiting(connection) }
    }
}
