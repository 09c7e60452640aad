import NIOCore
import NIOHTTP1
import ServiceRuntime

/// The rules of HTTP/1 that the framework leaves to others: which requests must be refused (RFC 9112, section 3.2), when a
/// body is asked for (RFC 9110, section 10.1.1), what programs of HTTP/1.0 can read, and when a connection is over
/// (RFC 9112, section 9.6). Stands right behind the decoder.
final class HTTPRules: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Somebody reads the body of the request that is answered next.
    struct BodyWanted: Sendable {}

    /// A request that is not answered yet.
    private struct Exchange {
        let isOld: Bool
        let isLast: Bool
        /// Whether the other side still holds its body back.
        var isWaiting: Bool
    }

    private let connection: ConnectionGuard
    /// In the order in which they came; the first one is answered next.
    private var exchanges: [Exchange] = []
    /// Whether the body of the last request is still coming.
    private var isInBody = false
    /// Nothing that comes is looked at any more.
    private var isDeaf = false
    /// What is answered when everything before it is.
    private var fault: RequestFault?
    /// Whether the answer that is being sent is the last one.
    private var endsWithAnswer = false
    /// Whether nothing more is read until something is answered.
    private var isHoldingBack = false

    init(on connection: ConnectionGuard) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            do throws(RequestFault) {
                try head.normalize()
            } catch {
                return refuse(error, context)
            }
            guard exchanges.count < Limits.unanswered else { return refuse(.tooManyUnanswered, context) }
            connection.headCame()
            isInBody = true
            exchanges.append(Exchange(isOld: head.isOld, isLast: head.isLast, isWaiting: head.waitsForContinue))
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body:
            if !exchanges.isEmpty { exchanges[exchanges.count - 1].isWaiting = false }
            context.fireChannelRead(data)
        case .end:
            isInBody = false
            connection.requestEnded()
            isDeaf = exchanges.last?.isLast ?? false
            if !exchanges.isEmpty { exchanges[exchanges.count - 1].isWaiting = false }
            context.fireChannelRead(data)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, !isDeaf else { return context.fireErrorCaught(error) }
        // The handler is in the middle of a body and has to be told.
        if exchanges.isEmpty { refuse(RequestFault(error), context) } else { context.fireErrorCaught(error) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ConnectionGuard.SlowHead else { return context.fireUserInboundEventTriggered(event) }
        // Another thread has found it slow: by now it may have come.
        guard !isDeaf, exchanges.isEmpty, connection.isHeadLate else { return }
        // It is the rest of a request that is answered already: there is nothing more to say.
        if isInBody { context.close(promise: nil) } else { refuse(.slowHead, context) }
    }

    private func refuse(_ fault: RequestFault, _ context: ChannelHandlerContext) {
        isDeaf = true
        guard exchanges.isEmpty else { return self.fault = fault }
        let body = ByteBuffer(string: fault.text + "\n")
        let headers: HTTPHeaders = [
            "Date": HTTPDate.text(Timestamp.now), "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": "\(body.readableBytes)", "Connection": "close",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: fault.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        end(context, .end(nil), nil)
        context.flush()
    }

    /// Who asks on without reading the answers is not read either. With one request unanswered the other side is: it has a
    /// body to send, or goes away.
    func read(context: ChannelHandlerContext) {
        isHoldingBack = exchanges.count > 1
        if !isHoldingBack { context.read() }
    }

    // MARK: answers

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed()
        guard exchanges.first?.isWaiting ?? false else { return }
        exchanges[0].isWaiting = false
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            let exchange = exchanges.first
            let isOpenEnded = (exchange?.isOld ?? false) && !head.headers.contains(name: "content-length")
            // Chunks are of HTTP/1.1; here the connection's end is the answer's.
            if isOpenEnded { head.version = .http1_0 }
            // A body that was not asked for may come or not: where the next request begins could not be told.
            endsWithAnswer = !head.isKeepAlive || exchange.map { $0.isLast || $0.isWaiting } ?? false
            if endsWithAnswer { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end(let trailers):
            if !exchanges.isEmpty { exchanges.removeFirst() }
            if exchanges.isEmpty { connection.allIsAnswered() }
            if endsWithAnswer {
                isDeaf = true
                end(context, .end(trailers), promise)
            } else {
                context.write(data, promise: promise)
                if exchanges.isEmpty, let fault { refuse(fault, context) }
            }
            if isHoldingBack { read(context: context) }
        }
    }

    /// The last thing that is sent. What the other side still sends is taken for a moment: an answer to somebody who is not
    /// listened to any more would be lost with the connection (RFC 9112, section 9.6).
    private func end(_ context: ChannelHandlerContext, _ part: OutboundIn, _ promise: EventLoopPromise<Void>?) {
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        context.write(wrapOutboundOut(part), promise: sent)
        let channel = context.channel
        sent.futureResult.whenComplete { _ in
            channel.close(mode: .output, promise: nil)
            channel.eventLoop.scheduleTask(in: .seconds(Limits.lingerSeconds)) { channel.close(promise: nil) }
        }
    }
}

/// Puts ``HTTPRules`` behind the decoder, and a ``ConnectionGuard`` before it, where the framework lets nobody in.
final class HTTPRulesInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let connection: ConnectionGuard

    init(_ connection: ConnectionGuard) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) {
        do {
            let pipeline = context.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(HTTPRules(on: connection), position: .after(decoder))
            try pipeline.addHandler(connection, position: .first)
        } catch {
            // Without the rules nobody is served.
            context.close(promise: nil)
        }
    }
}

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
