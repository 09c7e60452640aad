import Foundation

/// A small HTTP/1.1 client on blocking sockets: one connection a request, TCP on 127.0.0.1 or a unix socket.
///
/// It shows what is on the wire (nothing is followed, cached or decompressed), and it streams.
public struct HTTPClient: Sendable {
    public enum Address: Sendable {
        /// - Parameter from: the address of 127.0.0.0/8 that the server sees.
        case tcp(port: UInt16, from: String = "127.0.0.1")
        case unix(path: String)
    }

    public let address: Address

    public init(_ address: Address) {
        self.address = address
    }

    public func get(_ path: String, headers: [String: String] = [:]) async throws -> HTTPResponse {
        try await request("GET", path, headers: headers)
    }

    /// Posts a form, as a browser does.
    public func post(_ path: String, form: [String: String], headers: [String: String] = [:]) async throws
        -> HTTPResponse
    {
        let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics)
        let body = form.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")"
        }
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return try await request("POST", path, headers: headers, body: Array(body.joined(separator: "&").utf8))
    }

    public func post(_ path: String, json: String, headers: [String: String] = [:]) async throws -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "application/json"
        return try await request("POST", path, headers: headers, body: Array(json.utf8))
    }

    /// - Throws: ``SystemError`` when nobody answers, ``NotInTime`` when the answer stops for longer than `limit`.
    public func request(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil,
        within limit: Duration = .seconds(10)
    ) async throws -> HTTPResponse {
        let request = head(method, path, headers: headers, body: body) + (body ?? [])
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let connection = try HTTPConnection(address, limit: limit)
                        try connection.send(request)
                        let (status, headers) = try connection.readHead()
                        var bytes: [UInt8] = []
                        if method != "HEAD" { try connection.readBody(headers) { bytes += $0 } }
                        return HTTPResponse(status: status, headers: headers, bytes: bytes)
                    })
            }
        }
    }

    private func head(_ method: String, _ path: String, headers: [String: String], body: [UInt8]?) -> [UInt8] {
        var fields = ["Host": host, "Connection": "close"].merging(headers) { _, given in given }
        if let body { fields["Content-Length"] = String(body.count) }
        let lines = ["\(method) \(path) HTTP/1.1"] + fields.map { "\($0): \($1)" } + ["", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private var host: String {
        switch address {
        case .tcp(let port, _): "127.0.0.1:\(port)"
        case .unix: "localhost"
        }
    }
}

extension HTTPClient {
    /// A running subscription to server-sent events; it ends when the last reference to it goes away.
    public final class EventStream: Sendable {
        public let response: HTTPResponse
        private let events: Mailbox<ServerSentEvent>
        private let ids: Mailbox<String>
        private let connection: HTTPConnection

        init(
            response: HTTPResponse, events: Mailbox<ServerSentEvent>, ids: Mailbox<String>, connection: HTTPConnection
        ) {
            self.response = response
            self.events = events
            self.ids = ids
            self.connection = connection
        }

        deinit { connection.hangUp() }

        /// The first event at or after `start` that `matches`. Asking here and not the mailbox keeps the stream open.
        public func first(
            from start: Int = 0, within limit: Duration,
            where matches: @escaping @Sendable (ServerSentEvent) -> Bool = { _ in true }
        ) async -> ServerSentEvent? {
            await events.first(from: start, within: limit, where: matches)?.element
        }

        /// How many events have come: a mark for "from now on".
        public var count: Int { events.count }

        /// Whether more may come: false after the server has ended the stream.
        public var isOpen: Bool { !events.isFinished }

        /// The last id that came, with an event or without.
        public var lastID: String? { ids.all.last }

        /// The first id that comes.
        public func firstID(within limit: Duration) async -> String? {
            await ids.first(within: limit) { _ in true }?.element
        }

        /// What has come so far.
        public var all: [ServerSentEvent] { events.all }

        /// Whether the server ended the stream.
        public var isFinished: Bool { events.isFinished }
    }

    /// Opens a stream of events and returns as soon as its head has arrived.
    public func events(_ path: String, headers: [String: String] = [:]) async throws -> EventStream {
        var headers = headers
        headers["Accept"] = "text/event-stream"
        let request = head("GET", path, headers: headers, body: nil)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [address] in
                do {
                    let connection = try HTTPConnection(address, limit: .seconds(120))
                    try connection.send(request)
                    let (status, headers) = try connection.readHead()
                    let events = Mailbox<ServerSentEvent>()
                    let ids = Mailbox<String>()
                    continuation.resume(
                        returning: EventStream(
                            response: HTTPResponse(status: status, headers: headers, bytes: []), events: events,
                            ids: ids, connection: connection))
                    Self.read(connection, headers, into: events, ids: ids)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Listens as a browser does, coming back after each end of the stream with the last event's id, until an event
    /// `matches`.
    ///
    /// - Parameter last: the id to begin after, as the page names it; nil: only what comes.
    /// - Throws: ``NotInTime`` when `limit` passes first.
    public func event(
        _ path: String, after last: String?, headers: [String: String] = [:], within limit: Duration,
        where matches: @escaping @Sendable (ServerSentEvent) -> Bool
    ) async throws -> ServerSentEvent {
        let deadline = ContinuousClock.now + limit
        var last = last
        while case let rest = deadline - ContinuousClock.now, rest > .zero {
            var headers = headers
            headers["Last-Event-ID"] = last
            let stream = try await events(path, headers: headers)
            if let found = await stream.first(within: rest, where: matches) { return found }
            last = stream.lastID ?? last
        }
        throw NotInTime("no such event at \(path) within \(limit)")
    }

    private static func read(
        _ connection: HTTPConnection, _ headers: [String: String], into events: Mailbox<ServerSentEvent>,
        ids: Mailbox<String>
    ) {
        var parser = ServerSentEvent.Parser()
        var line: [UInt8] = []
        try? connection.readBody(headers) { bytes in
            for byte in bytes where byte != UInt8(ascii: "\r") {
                if byte == UInt8(ascii: "\n") {
                    let text = String(decoding: line, as: UTF8.self)
                    if text.isEmpty, let id = parser.id { ids.append(id) }
                    if let event = parser.take(line: text) { events.append(event) }
                    line = []
                } else {
                    line.append(byte)
                }
            }
        }
        events.finish()
        ids.finish()
    }
}
