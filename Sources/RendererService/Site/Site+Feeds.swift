import Bus
import HTTPTypes
import Hummingbird
import Messages
import ServiceRuntime

/// What is listed, for programs that read for people.
extension Site {
    func feed(
        _ request: Request, _ format: FeedFormat, of subject: Route.FeedSubject, _ query: FormFields,
        _ context: SiteContext
    ) async throws -> Response {
        let before = try cursor(in: query)
        let listing = try await listing(of: subject, query, request, context)
        if case .author(let text) = subject, case .author(let key) = listing, key.text != text {
            return .redirect(.found, to: "\(base)\(listing.address(of: format, before: before))")
        }
        let part =
            listing.isSearch
            ? try await found(listing, before: before, request, context)
            : try await part(of: listing, before: before)
        let address = address(of: request, path: listing.address(of: format, before: before), context)
        let tag = Validator([address, pages.generation], state: part.state)
        return try await conditional(request, tag, newest: part.newest) {
            try admitRendering(pages.fragments.missingFeedTexts(of: part.charged(now: Timestamp.now)), request, context)
            let feed = self.feed(of: listing, part, at: address, format, request, context)
            return .text(feed.text(as: format), type: format.contentType)
        }
    }

    private func listing(
        of subject: Route.FeedSubject, _ query: FormFields, _ request: Request, _ context: SiteContext
    ) async throws -> Listing {
        switch subject {
        case .wall: return .wall
        case .channel(let name): return .channel(try channel(name))
        case .author(let text): return .author(try await author(text, request, context))
        case .search:
            var search = try SearchForm(query).search()
            try admitSearch(request, context)
            search.author = try await author(in: query, request, context, isAdmitted: true)
            return .search(search)
        }
    }

    private func feed(
        of listing: Listing, _ part: Pages.Part, at address: String, _ format: FeedFormat, _ request: Request,
        _ context: SiteContext
    ) -> Feed {
        func whole(_ path: String) -> String { self.address(of: request, path: path, context) }
        return Feed(
            title: listing.title(on: pages.imprint.wallName), imprint: pages.imprint,
            rulesPage: whole("/about#rules"), page: whole(listing.address()),
            address: address,
            next: part.next.map { whole(listing.address(of: format, before: $0)) },
            entries: part.rows.map { row in
                let message = row.stored.message
                return Feed.Entry(
                    stored: row.stored, text: pages.fragments.feedText(of: row),
                    author: MessageView.line(message.key, row.author),
                    page: whole("/tweets/\(message.id.hex)"),
                    authorPage: whole(Listing.author(message.key).address()))
            })
    }
}
