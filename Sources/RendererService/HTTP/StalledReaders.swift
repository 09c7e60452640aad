import NIOCore

/// Closes a connection whose reader takes nothing for ``Limits/stallSeconds`` while there is something to take. Placed
/// behind an `IdleStateHandler` that reports silent writes.
final class StalledReaders: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let idle = event as? IdleStateHandler.IdleStateEvent {
            if idle == .write, !context.channel.isWritable { context.close(promise: nil) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
