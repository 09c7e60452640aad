import NIOCore
import NIOHTTP1
import ServiceRuntime

/// Answers one request, then closes: scrapers come every few seconds, a kept connection would only hold a place.
final class OpsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let counters: Counters
    private let health: ServiceHealth
    private var head: HTTPRequestHead?
    private var bodyBytes = 0

    init(counters: Counters, health: ServiceHealth) {
        self.counters = counters
        self.health = health
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > Limits.opsBodyBytes { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, on: context.channel)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, on channel: any Channel) {
        let isHead = head.method == .HEAD
        guard head.method == .GET || isHead else {
            let answer = OpsAnswer(status: .methodNotAllowed, body: "only GET and HEAD\n", allow: "GET, HEAD")
            return answer.write(to: channel, withBody: true)
        }
        let (path, counters, health) = (head.uri.prefix { $0 != "?" }, counters, health)
        Task {
            let answer =
                switch path {
                case "/livez": OpsAnswer.health("live", but: await health.complaint())
                case "/metrics":
                    OpsAnswer(
                        status: .ok, body: counters.prometheusText(),
                        contentType: "text/plain; version=0.0.4; charset=utf-8")
                case "/readyz": OpsAnswer.health("ready", but: await health.readiness().hindrance)
                default: OpsAnswer(status: .notFound, body: "there is /livez, /readyz and /metrics\n")
                }
            answer.write(to: channel, withBody: !isHead)
        }
    }
}

/// A whole response.
struct OpsAnswer: Sendable {
    let status: HTTPResponseStatus
    let body: String
    var contentType = "text/plain; charset=utf-8"
    var allow: String?

    /// - Parameter complaint: what is wrong; nil: nothing.
    static func health(_ good: String, but complaint: String?) -> OpsAnswer {
        let status = complaint == nil ? HTTPResponseStatus.ok : .serviceUnavailable
        return OpsAnswer(status: status, body: SafeText.line(complaint ?? good) + "\n")
    }

    func write(to channel: any Channel, withBody: Bool) {
        var headers: HTTPHeaders = [
            "content-type": contentType, "content-length": "\(body.utf8.count)", "cache-control": "no-store",
            "connection": "close",
        ]
        if let allow { headers.add(name: "allow", value: allow) }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if withBody { channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil) }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
    }
}
