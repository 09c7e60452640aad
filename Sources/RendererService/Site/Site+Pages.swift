import Bus
import HTTPTypes
import Hummingbird
import Messages
import ServiceRuntime

extension Site {
    /// - Parameter listing: the wall, or a channel.
    func listingPage(
        _ request: Request, _ listing: Listing, _ query: FormFields, _ context: SiteContext
    ) async throws -> Response {
        let before = try cursor(in: query)
        let part = try await part(of: listing, before: before)
        return try await page(request, part, named: [listing.address(before: before)], context) { foot in
            pages.wall(part, of: listing, draft: Pages.Draft(), foot: foot)
        }
    }

    func channelPage(
        _ request: Request, _ text: String, _ query: FormFields, _ context: SiteContext
    ) async throws -> Response {
        let channel = try channel(text)
        let listing = Listing.channel(channel)
        // A name has one spelling, and so has its page.
        guard channel.name.utf8.elementsEqual(text.utf8) else {
            return .redirect(.movedPermanently, to: "\(base)\(listing.address(before: try cursor(in: query)))")
        }
        return try await listingPage(request, listing, query, context)
    }

    func authorPage(
        _ request: Request, _ text: String, _ query: FormFields, _ context: SiteContext
    ) async throws -> Response {
        let key = try await author(text, request, context)
        let before = try cursor(in: query)
        guard key.text == text else {
            // Another spelling of the key is that for ever; what else stands for it today may be somebody else's tomorrow.
            let isKey = (try? PublicKey(text)) != nil
            return .redirect(
                isKey ? .movedPermanently : .found, to: "\(base)\(Listing.author(key).address(before: before))")
        }
        let part = try await part(of: .author(key), before: before)
        return try await page(request, part, named: [Listing.author(key).address(before: before)], context) { foot in
            pages.author(key, called: part.rows.first?.author ?? .none, part, foot: foot)
        }
    }

    /// This node: who it is, what it has, how it is read by programs.
    func aboutPage(_ request: Request, _ context: SiteContext) async throws -> Response {
        let answer = try await wall.query(.summary)
        let summary = try answer.value(\.summary)
        let id = EventID(of: answer)
        let key = pen.publicKey?.text ?? ""
        let notices = summary.notices.map(\.text).joined(separator: " ")
        let state = "\(id) \(summary.messages) \(summary.hidden) \(summary.bytes) \(notices)"
        let tag = Validator(["about", key, base.description, pages.generation], state: state)
        return try await conditional(request, tag) {
            .html(pages.about(summary, foot: foot(summary, store: answer.store)))
        }
    }

    func channel(_ name: String) throws(Problem) -> Channel {
        do throws(MessageError) { return try Channel(name) } catch { throw .noSuchChannel(error.message) }
    }

    func messagePage(_ request: Request, _ text: String, _ context: SiteContext) async throws -> Response {
        let id = try await message(text)
        guard id.hex == text else { return .redirect(.found, to: "\(base)/tweets/\(id.hex)") }
        let answer = try await wall.query(.message(id))
        guard let row = try answer.value(\.page).rows.first, row.stored.message.id == id else {
            throw Problem.noSuchMessage
        }
        // A message never changes; what surrounds it on the page does.
        switch Accept(request.headers).best(of: Site.pageTypes) {
        case nil: throw Problem.notAcceptable
        case "application/json":
            let tag = Validator(["json", id.hex], state: "\(row.stored.receivedAt)")
            return try await conditional(request, tag, newest: row.stored.receivedAt, vary: true) {
                .json(row.stored.json() + "\n")
            }
        default: break
        }
        let part = Pages.Part(rows: [row], eventID: EventID(of: answer))
        let address = address(of: request, path: "/tweets/\(id.hex)", context)
        return try await page(request, part, named: ["message", id.hex, address], vary: true, context) { foot in
            pages.permalink(row, address: address, foot: foot)
        }
    }

    /// The address of a page as the visitor's browser has it.
    func address(of request: Request, path: String, _ context: SiteContext) -> String {
        guard let name = proxies.site(of: request, from: context.peer) else { return "\(base)\(path)" }
        return "\(name.scheme ?? "http")://\(name.authority)\(base)\(path)"
    }

    // MARK: the timeline

    func cursor(in query: FormFields) throws -> Cursor? {
        guard let text = query.filled("before") else { return nil }
        guard let cursor = Cursor(text) else { throw Problem.badCursor }
        return cursor
    }

    func part(of listing: Listing, before: Cursor? = nil) async throws(WallError) -> Pages.Part {
        var part = try await part(listing.query(before: before, limit: Limits.pageMessages))
        if let channel = listing.channel { part.isUnkept = await wall.keeps(channel.end) == false }
        return part
    }

    func part(_ timeline: Query.Timeline) async throws(WallError) -> Pages.Part {
        let answer = try await wall.query(.timeline(timeline))
        let (rows, more) = try answer.value(\.page)
        return Pages.Part(
            rows: rows, next: more ? rows.last?.stored.cursor : nil, isNewest: timeline.before == nil,
            eventID: EventID(of: answer))
    }

    // MARK: answering

    /// A page, or 304 where the visitor has it already. The store's place says whether anything has come, and what is
    /// listed whether anything was hidden or shown again.
    func page(
        _ request: Request, _ part: Pages.Part, named name: [String], vary: Bool = false, _ context: SiteContext,
        _ render: (Pages.Foot) -> String
    ) async throws -> Response {
        let key = pen.publicKey?.text ?? ""
        let tag = Validator(name + [key, base.description, pages.generation], state: part.state)
        return try await conditional(request, tag, newest: part.newest, vary: vary) {
            try admitRendering(pages.fragments.missing(of: part.charged(now: Timestamp.now)), request, context)
            let summary = await summaries.summary(at: part.eventID, from: wall)
            return .html(render(foot(summary, store: part.eventID?.store)))
        }
    }

    /// What is kept, as the newest messages are, costs next to nothing; old ones are rendered for who wants them.
    ///
    /// - Throws: 429.
    func admitRendering(_ messages: Int, _ request: Request, _ context: SiteContext) throws(Problem) {
        do throws(Problem) {
            try limits.admitRendering(messages, of: proxies.visitor(of: request, from: context.peer))
        } catch {
            counters.add("reads_refused_rate")
            throw error
        }
    }
}
