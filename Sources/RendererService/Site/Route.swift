import HTTPTypes
import Messages

/// Every address under the base path.
enum Route: Hashable, Sendable {
    case root
    case wall
    case message(String)
    case author(String)
    case channel(String)
    case feed(FeedFormat, of: FeedSubject)
    case about
    case search
    case send
    case events
    case apiMessages
    case apiDescription
    case live
    case ready
    case asset(String)

    /// What a feed is of, as the address has it.
    enum FeedSubject: Hashable, Sendable {
        case wall
        case channel(String)
        case author(String)
        /// What the address's query says.
        case search
    }

    /// - Parameter path: what follows the base path, still percent-encoded; a slash at its end makes no difference.
    init?(path: Substring) {
        var segments: [String] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true) {
            guard let segment = Percent.decoded(part) else { return nil }
            segments.append(segment)
        }
        switch (segments.count, segments.first) {
        case (0, _): self = .root
        case (1, "tweets"): self = .wall
        case (2, "tweets"): self = .message(segments[1])
        case (2, "authors"): self = .author(segments[1])
        case (2, "channels"): self = .channel(segments[1])
        case (1, "about"): self = .about
        case (1, "search"): self = .search
        case (1, "send"): self = .send
        case (1, "events"): self = .events
        case (2, "api") where segments[1] == "messages": self = .apiMessages
        case (2, "api") where segments[1] == "openapi.json": self = .apiDescription
        case (1, "livez"): self = .live
        case (1, "readyz"): self = .ready
        case (2, "assets"): self = .asset(segments[1])
        default:
            guard let feed = Route(feed: segments) else { return nil }
            self = feed
        }
    }

    private init?(feed segments: [String]) {
        guard let format = segments.last.flatMap({ FeedFormat(fileName: $0) }) else { return nil }
        switch (segments.count, segments.first) {
        case (1, _): self = .feed(format, of: .wall)
        case (2, "search"): self = .feed(format, of: .search)
        case (3, "channels"): self = .feed(format, of: .channel(segments[1]))
        case (3, "authors"): self = .feed(format, of: .author(segments[1]))
        default: return nil
        }
    }

    /// `HEAD` is allowed wherever `GET` is.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .send: [.post]
        case .apiMessages: [.get, .post]
        default: [.get]
        }
    }

    /// Whether an answer to that method shows what there is to read.
    func isReadable(by method: HTTPRequest.Method) -> Bool { method != .post && methods.contains(.get) }

    func allows(_ method: HTTPRequest.Method) -> Bool {
        methods.contains(method) || (method == .head && methods.contains(.get))
    }

    /// Whether a visitor has only a few of such reads under way. Searches have places of their own.
    var takesTurns: Bool {
        switch self {
        case .wall, .message, .author, .channel, .about, .apiMessages: true
        case .feed(_, let subject): subject != .search
        case .root, .search, .send, .events, .apiDescription, .live, .ready, .asset: false
        }
    }

    /// The value of `Allow`.
    var allow: String {
        methods.map { $0 == .get ? "GET, HEAD" : $0.rawValue }.joined(separator: ", ")
    }

    /// What it is called in metrics: the name of its case, without the parameters, whose values are endless.
    var name: String { isAPI ? "api" : String("\(self)".prefix { $0 != "(" }) }

    /// Whether programs are served here: their errors are JSON.
    var isAPI: Bool { self == .apiMessages || self == .apiDescription }

    /// Probes look for these at the root too, whatever the base path is.
    var isProbe: Bool { self == .live || self == .ready }
}
