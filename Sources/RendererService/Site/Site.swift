import Bus
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ServiceRuntime

/// Answers every request. It keeps nothing that a restart would lose.
struct Site: HTTPResponder {
    typealias Context = SiteContext

    /// How a browser calls this wall.
    struct Name: Hashable, Sendable {
        let authority: Authority
        /// Known only behind a trusted proxy.
        let scheme: String?
    }

    let wall: any Wall
    let hub: Hub
    let pen: Pen
    let pages: Pages
    let proxies: Proxies
    let names: PublicNames
    let posting: PostPolicy
    let limits: VisitorLimits
    let counters: Counters
    let summaries = Summaries()
    let turns = Turns()
    let changes: Changes
    /// The service's own: the one of a request is the framework's, and quiet.
    let logger: Logger
    /// Milliseconds since 1970, for the messages that the page's visitors write.
    let now: @Sendable () -> Int64

    var base: BasePath { pages.base }

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        var response: Response
        let start = ContinuousClock.now
        let route = route(of: request)
        do {
            response = try await answer(request, at: route, context: context)
        } catch {
            response = self.response(to: error, request: request, route: route, context: context)
        }
        if request.method == .head { response = response.createHeadResponse() }
        SecurityHeaders.add(to: &response.headers)
        if route?.isReadable(by: request.method) ?? (request.method != .post) {
            CrossOrigin.open(&response.headers)
        }
        counters.observe(route, status: response.status.code, start.duration(to: .now))
        return response
    }

    private func route(of request: Request) -> Route? {
        let path = request.uri.path
        if let rest = base.rest(of: path), let route = Route(path: rest) { return route }
        let route = Route(path: path[...])
        return route?.isProbe == true ? route : nil
    }

    private func answer(_ request: Request, at route: Route?, context: SiteContext) async throws -> Response {
        guard request.uri.string.utf8.count <= Limits.targetBytes else { throw Problem.targetTooLong }
        if request.method == .options, request.head.path == "*" {
            return CrossOrigin.options("GET, HEAD, OPTIONS, POST", isReadable: true)
        }
        guard let route else { throw Problem.notFound }
        if request.method == .options {
            return CrossOrigin.options(route.allow + ", OPTIONS", isReadable: route.methods.contains(.get))
        }
        guard route.allows(request.method) else { throw Problem.methodNotAllowed(route.allow) }
        guard route.takesTurns, route.isReadable(by: request.method) else {
            return try await serve(request, at: route, context: context)
        }
        return try await turns.hold(of: proxies.visitor(of: request, from: context.peer)) {
            try await serve(request, at: route, context: context)
        }
    }

    private func serve(_ request: Request, at route: Route, context: SiteContext) async throws -> Response {
        let query = try query(of: request)
        switch route {
        case .root: return .redirect(.found, to: "\(base)/tweets")
        case .wall: return try await listingPage(request, .wall, query, context)
        case .channel(let name): return try await channelPage(request, name, query, context)
        case .message(let id): return try await messagePage(request, id, context)
        case .author(let key): return try await authorPage(request, key, query, context)
        case .feed(let format, let subject): return try await feed(request, format, of: subject, query, context)
        case .about: return try await aboutPage(request, context)
        case .search: return try await searchPage(request, query, context)
        case .send: return try await send(request, context)
        case .events: return try await events(request, query, context)
        case .apiMessages where request.method == .post: return try await postMessage(request, context)
        case .apiMessages: return try await listMessages(request, query, context)
        case .apiDescription: return try await apiDescription(request)
        case .live: return .plain("live\n")
        case .ready: return await readiness()
        case .asset(let name): return try asset(name)
        }
    }

    private func query(of request: Request) throws -> FormFields {
        do throws(FormFields.Failure) {
            return try FormFields((request.uri.query ?? "").utf8)
        } catch {
            throw Problem.malformedQuery
        }
    }

    private func readiness() async -> Response {
        guard let missing = await wall.missing() else { return .plain("ready\n") }
        return .plain(SafeText.line(missing) + "\n", status: .serviceUnavailable)
    }

    private func asset(_ name: String) throws -> Response {
        guard let asset = Asset.named(name) else { throw Problem.notFound }
        return Response(
            status: .ok,
            headers: [.contentType: asset.contentType, .cacheControl: "public, max-age=31536000, immutable"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }

    // MARK: errors

    private func response(
        to error: any Error, request: Request, route: Route?, context: SiteContext
    ) -> Response {
        let problem: Problem
        switch error {
        case let error as Problem: problem = error
        case let error as WallError: problem = Problem(reading: error)
        case is HTTPParserError: problem = .malformedBody
        default:
            // The visitor learns nothing about the inside.
            context.logger.error(
                "a request failed", metadata: ["path": "\(request.uri.path.prefix(200))", "error": "\(error)"])
            problem = .broken
        }
        if route?.isAPI == true { return .json(problem.json, status: problem.status, headers: problem.headers) }
        var headers = problem.headers
        headers[.vary] = "Accept"
        // Programs ask for JSON; browsers for HTML first and for anything last.
        if Accept(request.headers).best(of: Site.pageTypes) == "application/json" {
            return .json(problem.json, status: problem.status, headers: headers)
        }
        return .html(pages.problem(problem, foot: foot()), status: problem.status, headers: headers)
    }

    /// What a message, and an error, is served as.
    static let pageTypes = ["text/html", "application/json"]

    func foot(_ summary: Summary? = nil, store: StoreID? = nil) -> Pages.Foot {
        Pages.Foot(
            nodeKey: pen.publicKey, messages: summary.map { $0.messages - min($0.hidden, $0.messages) },
            hidden: summary?.hidden ?? 0, store: store, notices: summary?.notices ?? [])
    }
}

/// A request's context: the usual storage, and the connection.
struct SiteContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Who sent the request: the visitor, or a proxy.
    var peer: Peer { Peer(channel.remoteAddress) }

    /// Says that the rest of the request is wanted: whoever asked whether to send it goes on.
    func wantBody() { channel.triggerUserOutboundEvent(HTTPRules.BodyWanted(), promise: nil) }
}

extension Response {
    static func html(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        .text(text, type: "text/html; charset=utf-8", status: status, headers: headers)
    }

    static func json(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        .text(text, type: "application/json", status: status, headers: headers)
    }

    static func plain(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.cacheControl] = "no-store"
        return .text(text, type: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    /// - Parameter location: a path on this server.
    static func redirect(_ status: HTTPResponse.Status, to location: String) -> Response {
        Response(status: status, headers: [.location: location, .cacheControl: "no-store"])
    }

    static func text(
        _ text: String, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        // Pages and answers change with the store: ask each time, the ETag makes it cheap.
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-cache" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
