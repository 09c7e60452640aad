import Bus
import HTTPTypes
import Hummingbird
import NIOCore

extension Site {
    func events(_ request: Request, _ query: FormFields, _ context: SiteContext) async throws -> Response {
        if request.method == .head { return Response(status: .ok, headers: Site.eventHeaders) }
        let share = try admitStream(request, context)
        // After a lost connection the browser names the last event; at first the page's address does.
        let named = request.headers[.lastEventID].flatMap { $0.isEmpty ? nil : $0 } ?? query.filled("last")
        let last = named.flatMap { EventID($0) }
        var start = last ?? hub.newest
        if start == nil { start = await standing() }
        guard let start else { return Site.noPlace }
        let channel = context.channel
        let visitor = proxies.visitor(of: request, from: context.peer)
        let origin = visitor.site ?? context.peer.place
        guard let place = hub.join(after: start, of: origin, close: { channel.close(promise: nil) }) else {
            return .plain(
                "too many streams\n", status: .serviceUnavailable, headers: [.retryAfter: "\(Limits.retryAfterSeconds)"]
            )
        }
        // A place that cannot be read is a place that is unknown.
        let isLost = named != nil && last == nil
        // A page whose browser has a stream already asks for nothing but what it missed.
        let isLive = query["live"] != "no"
        let (site, body) = (self, request.body)
        return Response(
            status: .ok, headers: Site.eventHeaders,
            body: ResponseBody { writer in
                defer {
                    place.leave()
                    withExtendedLifetime(share) {}
                }
                let subscriber = place.subscriber
                // A reader that goes away ends the stream at once, not at the next ping.
                try await body.consumeWithInboundCloseHandler { _ in
                    try await site.stream(
                        place, from: start, of: visitor, isLost: isLost, isLive: isLive, to: &writer)
                } onInboundClosed: {
                    subscriber.finish()
                }
                try await writer.finish(nil)
            })
    }

    /// - Throws: 429.
    private func admitStream(_ request: Request, _ context: SiteContext) throws(Problem) -> Shares<[UInt8]>.Share {
        let peer = context.peer
        do throws(Problem) {
            return try limits.admitStream(of: proxies.visitor(of: request, from: peer), from: peer)
        } catch {
            counters.add("streams_refused_share")
            throw error
        }
    }

    /// Where the wall stands, as a store says: what was committed before this question is at or before that place. Nil where
    /// none answers.
    func standing() async -> EventID? {
        // Nothing is behind the last place: the cheapest question there is.
        guard let answer = try? await wall.query(.after(position: UInt64(Int64.max), limit: 1)) else { return nil }
        return EventID(of: answer)
    }

    /// A stream without a place to come back to would lose what comes while its reader is away. So it ends, and the browser
    /// asks again in a moment.
    private static var noPlace: Response {
        Response(
            status: .ok, headers: eventHeaders,
            body: ResponseBody(byteBuffer: ByteBuffer(string: LiveEvent.pause + ": no store answers\n\n")))
    }

    private static let eventHeaders: HTTPFields = [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache", .accelBuffering: "no",
    ]

    private func stream(
        _ place: Hub.Place, from start: EventID, of visitor: Visitor, isLost: Bool, isLive: Bool,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        try await writer.write(ByteBuffer(string: LiveEvent.opening(at: start)))
        if isLost { try await writer.write(ByteBuffer(string: LiveEvent.reset(at: start))) }
        if !place.hidden.isEmpty {
            let isAdmitted = limits.admitMissed(place.hidden.count / Limits.hiddenToAMessage + 1, of: visitor)
            let notices = isAdmitted ? place.hidden.map(LiveEvent.hidden).joined() : LiveEvent.reset(at: start)
            try await writer.write(ByteBuffer(string: notices))
        }
        var caughtUp = CatchUp(wall: wall, after: start, recent: place.recent) { [limits] missed in
            limits.admitMissed(missed, of: visitor)
        }
        do {
            try await caughtUp.run { committed in try await writer.write(hub.event(committed)) }
        } catch CatchUp.Failure.beyondReach(var now) {
            counters.add("streams_reset")
            if now == nil { now = await standing() }
            // No store answers: the browser comes back with the place that it has.
            guard let now else { return }
            try await writer.write(ByteBuffer(string: LiveEvent.reset(at: now)))
        }
        guard isLive else { return try await writer.write(ByteBuffer(string: LiveEvent.end)) }
        for await item in place.subscriber.items {
            switch item {
            case .notice(let bytes, let place):
                // Of what the reader has by now nobody has to tell how much it was.
                if !(place.map(caughtUp.hasReached) ?? false) { try await writer.write(bytes) }
            case .event(let committed, let bytes):
                if !caughtUp.hasSent(committed), !hub.isWithdrawn(committed) { try await writer.write(bytes) }
            }
        }
    }
}
