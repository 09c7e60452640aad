import Bus
import HTTPTypes
import Hummingbird
import Messages

extension Site {
    func searchPage(_ request: Request, _ query: FormFields, _ context: SiteContext) async throws -> Response {
        let form = SearchForm(query)
        guard !form.isEmpty else {
            return .html(pages.search(form, found: nil, error: nil, foot: foot()))
        }
        var search: Search
        do throws(Problem) { search = try form.search() } catch { return page(of: form, with: error) }
        try admitSearch(request, context)
        do {
            search.author = try await author(in: query, request, context, isAdmitted: true)
        } catch let problem as Problem where !problem.isForNow {
            return page(of: form, with: problem, search)
        }
        let before = try cursor(in: query)
        let part = try await found(.search(search), before: before, request, context)
        return try await page(request, part, named: [Listing.search(search).address(before: before)], context) { foot in
            pages.search(form, found: (search, part), error: nil, foot: foot)
        }
    }

    /// The visitor's words are still there, with what is wrong beside them.
    ///
    /// - Parameter search: what is searched for once the author is chosen.
    private func page(of form: SearchForm, with problem: Problem, _ search: Search? = nil) -> Response {
        var choice: [(Candidate, String)] = []
        for case .author(let key, let name) in problem.candidates {
            guard var search else { break }
            search.author = key
            choice.append((.author(key, name), Listing.search(search).address()))
        }
        let html = pages.search(form, found: nil, error: problem.text, candidates: choice, foot: foot())
        return .html(html, status: problem.status)
    }

    /// A part of what is found.
    ///
    /// - Throws: 429, and 503 where others search.
    func found(
        _ listing: Listing, before: Cursor?, _ request: Request, _ context: SiteContext
    ) async throws -> Pages.Part {
        try await found(listing.query(before: before, limit: Limits.pageMessages), request, context)
    }

    func found(
        _ timeline: Query.Timeline, _ request: Request, _ context: SiteContext
    ) async throws -> Pages.Part {
        try await inPlace(request, context) { try await part(timeline) }
    }

    /// Runs a search in a place among those that are under way.
    ///
    /// - Throws: what `body` throws; 429, and 503 where others search.
    func inPlace<Found: Sendable>(
        _ request: Request, _ context: SiteContext, _ body: () async throws -> Found
    ) async throws -> Found {
        let visitor = proxies.visitor(of: request, from: context.peer)
        do {
            return try await limits.searchPlaces.hold(of: visitor, body)
        } catch WallError.refused(let refusal) where refusal.code == "busy" {
            counters.add("searches_refused_busy")
            throw Problem.searchesBusy
        } catch let problem as Problem {
            counters.add("searches_refused_busy")
            throw problem
        }
    }

    /// - Throws: 429.
    func admitSearch(_ request: Request, _ context: SiteContext) throws(Problem) {
        do throws(Problem) {
            try limits.admitSearch(of: proxies.visitor(of: request, from: context.peer))
        } catch {
            counters.add("searches_refused_rate")
            throw error
        }
    }
}
