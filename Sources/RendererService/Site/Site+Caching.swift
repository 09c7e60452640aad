import HTTPTypes
import Hummingbird

/// What the visitor has already is not sent again (RFC 9110, section 13).
extension Site {
    /// - Parameters:
    ///   - newest: when the newest of what is answered came here, in milliseconds since 1970.
    ///   - vary: whether `Accept` decides what is answered.
    func conditional(
        _ request: Request, _ tag: Validator, newest: Int64? = nil, vary: Bool = false, _ make: () -> Response
    ) -> Response {
        // What came in this second may not be all that comes in it.
        let second = changes.second(of: tag, newest: (newest ?? 0) / 1000)
        let changed = second < now() / 1000 ? second * 1000 : nil
        if tag.matches(request.headers) || isUnmodified(request.headers, since: changed) {
            return Site.notModified(tag, vary: vary, changed: changed)
        }
        var response = make()
        Site.describe(tag, vary: vary, changed: changed, in: &response.headers)
        return response
    }

    static func notModified(_ tag: Validator, vary: Bool, changed: Int64? = nil) -> Response {
        var headers: HTTPFields = [.cacheControl: "no-cache"]
        describe(tag, vary: vary, changed: changed, in: &headers)
        return Response(status: .notModified, headers: headers)
    }

    /// `If-None-Match` says more, and where it is there nothing else counts.
    private func isUnmodified(_ headers: HTTPFields, since changed: Int64?) -> Bool {
        guard headers[.ifNoneMatch] == nil, let changed,
            let known = headers[.ifModifiedSince].flatMap(HTTPDate.milliseconds)
        else { return false }
        return changed <= known
    }

    private static func describe(_ tag: Validator, vary: Bool, changed: Int64?, in headers: inout HTTPFields) {
        headers[.eTag] = tag.description
        if let changed { headers[.lastModified] = HTTPDate.text(changed) }
        if vary { headers[.vary] = "Accept" }
    }
}
