import HTTPTypes
import Hummingbird

/// What every response says to browsers.
enum SecurityHeaders {
    /// Scripts and styles only from our own files, and no picture but the one of the page itself; nothing in the page itself runs, whatever a message holds.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    private static let all: [(HTTPField.Name, String)] = [
        (.contentSecurityPolicy, contentSecurityPolicy),
        (.xContentTypeOptions, "nosniff"),
        (.frameOptions, "DENY"),
        // Not `no-referrer`: browsers would then send forms with `Origin: null`.
        (.referrerPolicy, "same-origin"),
        (.openerPolicy, "same-origin"),
        (.resourcePolicy, "same-origin"),
        (.permissionsPolicy, "camera=(), geolocation=(), microphone=()"),
    ]

    static func add(to headers: inout HTTPFields) {
        for (name, value) in all { headers[name] = value }
    }
}
