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
            return OpsAnswer.methodNotAllowed.write(to: channel, withBody: true)
        }
        let path = head.uri.prefix { $0 != "?" }
        let health = health
        switch path {
        case "/livez": Task { OpsAnswer.liveness(await health.complaint()).write(to: channel, withBody: !isHead) }
        case "/metrics": OpsAnswer.metrics(counters.prometheusText()).write(to: channel, withBody: !isHead)
        case "/readyz": Task { OpsAnswer.readiness(await health.readiness()).write(to: channel, withBody: !isHead) }
        default:
            OpsAnswer.text(.notFound, "there is /livez, /readyz and /metrics\n").write(to: channel, withBody: !isHead)
        }
    }
}

/// A whole response.
struct OpsAnswer: Sendable {
    let status: HTTPResponseStatus
    let contentType: String
    let body: String
    var allow: String?

    static func text(_ status: HTTPResponseStatus, _ body: String) -> OpsAnswer {
        OpsAnswer(status: status, contentType: "text/plain; charset=utf-8", body: body)
    }

    static func metrics(_ body: String) -> OpsAnswer {
        OpsAnswer(status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: body)
    }

    static func liveness(_ complaint: String?) -> OpsAnswer {
        complaint.map { text(.serviceUnavailable, SafeText.line($0) + "\n") } ?? text(.ok, "live\n")
    }

    static func readiness(_ readiness: Readiness) -> OpsAnswer {
        switch readiness {
        case .ready: text(.ok, "ready\n")
        case .notReady(let reason): text(.serviceUnavailable, SafeText.line(reason) + "\n")
        }
    }

    static var methodNotAllowed: OpsAnswer {
        var answer = text(.methodNotAllowed, "only GET and HEAD\n")
        answer.allow = "GET, HEAD"
        return answer
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
