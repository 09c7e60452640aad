import Bus
import HTTPTypes
import Hummingbird
import NIOCore

/// Live messages as server-sent events.
extension Site {
    func events(_ request: Request, _ query: FormFields, _ context: SiteContext) -> Response {
        if request.method == .head { return Response(status: .ok, headers: Site.eventHeaders) }
        // After a lost connection the browser names the last event; at first the page's address does.
        let text = request.headers[.lastEventID] ?? query["last"]
        let last = text.flatMap { EventID($0) }
        let channel = context.channel
        guard let place = hub.join(after: last, close: { channel.close(promise: nil) }) else {
            return .plain("too many streams\n", status: .serviceUnavailable)
                .adding(.retryAfter, "\(Limits.retryAfterSeconds)")
        }
        // A place that cannot be read is a place that is unknown.
        let isLost = last == nil && !(text ?? "").isEmpty
        let (hub, wall, body) = (hub, wall, request.body)
        return Response(
            status: .ok, headers: Site.eventHeaders,
            body: ResponseBody { writer in
                defer { place.leave() }
                let subscriber = place.subscriber
                // A reader that goes away ends the stream at once, not at the next ping.
                try await body.consumeWithInboundCloseHandler { _ in
                    try await Site.stream(place, isLost: isLost, hub: hub, wall: wall, to: &writer)
                } onInboundClosed: {
                    subscriber.finish()
                }
                try await writer.finish(nil)
            })
    }

    private static let eventHeaders: HTTPFields = [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache", .accelBuffering: "no",
    ]

    private static func stream(
        _ place: Hub.Place, isLost: Bool, hub: Hub, wall: any Wall, to writer: inout any ResponseBodyWriter
    ) async throws {
        try await writer.write(ByteBuffer(string: LiveEvent.opening))
        if isLost { try await writer.write(ByteBuffer(string: LiveEvent.reset(at: nil))) }
        var caughtUp: CatchUp?
        switch place.missed {
        case .these(let missed):
            for committed in missed { try await writer.write(hub.event(committed)) }
        case .unknown(let last, let recent):
            var catchUp = CatchUp(wall: wall, after: last, recent: recent)
            do {
                try await catchUp.run { committed in try await writer.write(hub.event(committed)) }
            } catch CatchUp.Failure.beyondReach(let now) {
                try await writer.write(ByteBuffer(string: LiveEvent.reset(at: now)))
            }
            caughtUp = catchUp
        }
        for await item in place.subscriber.items {
            switch item {
            case .ping: try await writer.write(ByteBuffer(string: LiveEvent.ping))
            case .event(let committed, let bytes):
                if caughtUp?.hasSent(committed) != true { try await writer.write(bytes) }
            }
        }
    }
}

extension Response {
    fileprivate func adding(_ name: HTTPField.Name, _ value: String) -> Response {
        var response = self
        response.headers[name] = value
        return response
    }
}
