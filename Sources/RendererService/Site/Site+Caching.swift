import HTTPTypes
import Hummingbird

/// What the visitor has already is not sent again (RFC 9110, section 13).
extension Site {
    /// - Parameters:
    ///   - newest: when the newest of what is answered came here, in milliseconds since 1970.
    ///   - vary: whether `Accept` decides what is answered.
    /// - Throws: 412.
    func conditional(
        _ request: Request, _ tag: Validator, newest: Int64? = nil, vary: Bool = false,
        _ make: () async throws -> Response
    ) async throws -> Response {
        // What came in this second may not be all that comes in it.
        let second = changes.second(of: tag, newest: (newest ?? 0) / 1000)
        let changed = second < now() / 1000 ? second * 1000 : nil
        var response: Response
        switch Preconditions.check(request.headers, tag: tag, changed: changed) {
        case .proceed: response = try await make()
        case .notModified: response = Response(status: .notModified, headers: [.cacheControl: "no-cache"])
        case .failed: throw Problem.preconditionFailed
        }
        response.headers[.eTag] = tag.description
        if let changed { response.headers[.lastModified] = HTTPDate.text(changed) }
        if vary { response.headers[.vary] = "Accept" }
        return response
    }
}
