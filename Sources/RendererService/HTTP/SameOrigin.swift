import HTTPTypes
import Hummingbird

/// Whether a form was sent from a page of this wall. A page elsewhere must not be able to write with the node's key.
///
/// The first of `Origin`, `Sec-Fetch-Site` and `Referer` that is there decides. A request with none of them did not come
/// from a form of a present-day browser and is refused; programs use the API with messages that they sign themselves.
enum SameOrigin {
    enum Verdict: Hashable, Sendable {
        case same
        /// The text says what was compared.
        case other(String)
    }

    static func check(_ headers: HTTPFields, site: Site.Name?) -> Verdict {
        guard let site else { return .other("the request has no usable Host") }
        let origins = headers[values: .origin]
        guard origins.count <= 1 else { return .other("the request has more than one Origin") }
        if let origin = origins.first { return compare("Origin", origin, with: site) }
        if let fetchSite = headers[.fetchSite] {
            return fetchSite == "same-origin" ? .same : .other("Sec-Fetch-Site is \(fetchSite)")
        }
        if let referer = headers[.referer] { return compare("Referer", referer, with: site) }
        return .other("the request has neither Origin nor Sec-Fetch-Site nor Referer")
    }

    private static func compare(_ header: String, _ value: String, with site: Site.Name) -> Verdict {
        // A browser shortens a referrer only by the path: the origin is whole.
        guard let other = Origin(value) else { return .other("\(header) is \(value.prefix(200))") }
        let scheme = site.scheme ?? other.scheme
        guard Origin(scheme: scheme, authority: site.authority) == other else {
            return .other("\(header) is \(value.prefix(200)), this wall is \(scheme)://\(site.authority)")
        }
        return .same
    }
}
