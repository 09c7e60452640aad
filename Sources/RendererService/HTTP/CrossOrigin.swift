import HTTPTypes
import Hummingbird

/// What browsers let the pages of other sites do here (WHATWG Fetch, section 3.2): read everything, write nothing.
enum CrossOrigin {
    /// An answer that any page may read.
    static func open(_ headers: inout HTTPFields) {
        headers[.accessControlAllowOrigin] = "*"
        headers[.accessControlExposeHeaders] = "ETag, Retry-After"
    }

    /// The answer to `OPTIONS`: what an address takes, and what a page elsewhere may send with a read. A message as JSON is
    /// not among that.
    ///
    /// - Parameter allow: the methods, as in `Allow`.
    static func options(_ allow: String, isReadable: Bool) -> Response {
        var headers: HTTPFields = [.allow: allow, .cacheControl: "no-store"]
        if isReadable {
            headers[.accessControlAllowMethods] = "GET, HEAD"
            headers[.accessControlAllowHeaders] =
                "Accept, Cache-Control, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Last-Event-ID, Range"
            headers[.accessControlMaxAge] = "86400"
        }
        return Response(status: .noContent, headers: headers)
    }
}
