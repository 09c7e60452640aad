import HTTPTypes
import Hummingbird
import Messages

/// Searching what this node has.
extension Site {
    func searchPage(_ request: Request, _ query: FormFields, _ context: SiteContext) async throws -> Response {
        let form = SearchForm(query)
        guard !form.isEmpty else {
            return .html(pages.search(form, found: nil, error: nil, foot: foot()))
        }
        let search: Search
        do throws(Problem) {
            search = try form.search()
        } catch {
            // The visitor's words are still there, with what is wrong beside them.
            let html = pages.search(form, found: nil, error: error.text, foot: foot())
            return .html(html, status: error.status)
        }
        try admitSearch(request, context)
        let before = try cursor(in: query)
        let part = try await part(of: .search(search), before: before)
        return try await page(request, part, named: [Listing.search(search).address(before: before)]) { foot in
            pages.search(form, found: (search, part), error: nil, foot: foot)
        }
    }

    /// - Throws: 429.
    func admitSearch(_ request: Request, _ context: SiteContext) throws(Problem) {
        do throws(Problem) {
            try searchLimits.admit(proxies.visitor(of: request, from: context.peer), now: .now)
        } catch {
            counters.add("searches_refused_rate")
            throw error
        }
    }
}
