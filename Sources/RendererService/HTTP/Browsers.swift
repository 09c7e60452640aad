import HTTPTypes
import Hummingbird
import ServiceRuntime

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

/// Whether a form was sent from a page of this wall. A page elsewhere must not be able to write with the node's key.
///
/// The first of `Origin`, `Sec-Fetch-Site` and `Referer` that is there decides. A request with none of them did not come
/// from a form of a present-day browser and is refused; programs use the API with messages that they sign themselves.
enum SameOrigin {
    /// - Returns: what speaks against it, and what was compared; nil for a form of this wall.
    static func objection(to headers: HTTPFields, site: Site.Name?) -> String? {
        guard let site else { return "the request has no usable Host" }
        let origins = headers[values: .origin]
        guard origins.count <= 1 else { return "the request has more than one Origin" }
        if let origin = origins.first { return objection("Origin", origin, site) }
        if let fetchSite = headers[.fetchSite] {
            return fetchSite == "same-origin" ? nil : "Sec-Fetch-Site is \(short(fetchSite))"
        }
        if let referer = headers[.referer] { return objection("Referer", referer, site) }
        return "the request has neither Origin nor Sec-Fetch-Site nor Referer"
    }

    /// One of the characters of Swift may be as long as the header.
    private static func short(_ value: String) -> Substring {
        Substring(value.unicodeScalars.prefix(Limits.toldScalars))
    }

    private static func objection(_ header: String, _ value: String, _ site: Site.Name) -> String? {
        // A browser shortens a referrer only by the path: the origin is whole.
        guard let other = Origin(value) else { return "\(header) is \(short(value))" }
        let scheme = site.scheme ?? other.scheme
        guard Origin(scheme: scheme, authority: site.authority) != other else { return nil }
        return "\(header) is \(short(value)), this wall is \(scheme)://\(site.authority)"
    }
}

/// A host and perhaps a port, as in `Host` and in an origin.
struct Authority: Hashable, Sendable, CustomStringConvertible {
    /// Lower case; an IPv6 address with its brackets.
    let host: String
    let port: Int?

    /// - Parameter text: `host`, `host:port`, `[v6]` or `[v6]:port`; nil for anything else.
    init?(_ text: some StringProtocol) {
        guard let (host, digits) = Authority.parts(of: Substring(text)), host.utf8.allSatisfy(Authority.isAllowed)
        else {
            return nil
        }
        self.host = host.lowercased()
        guard let digits else {
            port = nil
            return
        }
        guard (1...5).contains(digits.utf8.count), let number = Int(digits), (1...65_535).contains(number) else {
            return nil
        }
        port = number
    }

    /// What stands before the colon of a port (RFC 3986, section 3.2, without a user), and the digits behind it, of which there
    /// may be none; nil for what is no authority.
    static func parts(of text: Substring) -> (host: Substring, port: Substring?)? {
        let end = text.first == "[" ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
        guard let end = end ?? (text.first == "[" ? nil : text.endIndex), end > text.startIndex else { return nil }
        let rest = text[end...]
        guard let colon = rest.first else { return (text, nil) }
        guard colon == ":", rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return (text[..<end], rest.dropFirst())
    }

    /// What may be in a registered name or a literal address (RFC 3986, section 3.2.2, without user and escapes).
    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "~") && byte.isUnreserved || "[]:".utf8.contains(byte)
    }

    var description: String { port.map { "\(host):\($0)" } ?? host }
}

/// Scheme, host and port of a page (RFC 6454).
struct Origin: Hashable, Sendable {
    /// `http` or `https`.
    let scheme: String
    let host: String
    let port: Int

    init?(scheme: String, authority: Authority) {
        guard let usual = ["http": 80, "https": 443][scheme.lowercased()] else { return nil }
        self.scheme = scheme.lowercased()
        host = authority.host
        port = authority.port ?? usual
    }

    /// From the beginning of an address: what `Origin` and `Referer` hold. Nil for `null` and other schemes.
    init?(_ text: String) {
        guard let end = text.firstRange(of: "://") else { return nil }
        let authority = text[end.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let authority = Authority(authority) else { return nil }
        self.init(scheme: String(text[..<end.lowerBound]), authority: authority)
    }
}
