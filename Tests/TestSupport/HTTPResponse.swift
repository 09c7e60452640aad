/// An answer of an HTTP server, as far as tests look at it.
public struct HTTPResponse: Sendable {
    public let status: Int
    /// Names in lower case; of repeated ones the last.
    public let headers: [String: String]
    public let bytes: [UInt8]

    public var body: String { String(decoding: bytes, as: UTF8.self) }

    public func json() throws -> JSON { try JSON(parsing: body) }
}

/// One event of a stream of server-sent events.
public struct ServerSentEvent: Hashable, Sendable {
    public var id: String?
    public var name: String?
    public var data = ""

    /// Builds events from lines, as the HTML standard describes ("event stream interpretation").
    struct Parser {
        private var event = ServerSentEvent()
        private var hasData = false

        /// The id of what is being read: it counts from the next empty line on, with or without data.
        var id: String? { event.id }

        /// The event that an empty line completes.
        mutating func take(line: String) -> ServerSentEvent? {
            guard !line.isEmpty else {
                defer { self = Parser() }
                return hasData ? event : nil
            }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count > 1 ? parts[1] : ""
            if value.first == " " { value = value.dropFirst() }
            switch parts[0] {
            case "id": event.id = String(value)
            case "event": event.name = String(value)
            case "data":
                event.data += (hasData ? "\n" : "") + value
                hasData = true
            default: break
            }
            return nil
        }
    }
}
