import NIOHTTP1
import ServiceRuntime

/// Why a request is not answered by the wall, but by the rules of HTTP.
struct RequestFault: Error, Hashable {
    let status: HTTPResponseStatus
    /// One line for the author of the client.
    let text: String

    static let slowHead = RequestFault(
        status: .requestTimeout, text: "the head of a request has to come within \(Limits.headSeconds) seconds")

    static let tooManyUnanswered = RequestFault(
        status: .tooManyRequests,
        text: "at most \(Limits.unanswered) requests of a connection may wait for their answers")

    static func malformed(_ text: String) -> RequestFault { RequestFault(status: .badRequest, text: text) }
}

extension RequestFault {
    /// What the parser could not read.
    init(_ error: HTTPParserError) {
        switch error {
        case .invalidMethod: self.init(status: .notImplemented, text: "no such method is known here")
        case .invalidVersion: self.init(status: .httpVersionNotSupported, text: "this is a server of HTTP/1.1")
        case .headerOverflow:
            self.init(
                status: .requestHeaderFieldsTooLarge,
                text: "the head of a request has at most \(Limits.headerBytes) bytes and \(Limits.headerFields) fields")
        default: self.init(status: .badRequest, text: "that is not a request of HTTP/1.1")
        }
    }
}

extension HTTPRequestHead {
    /// What has to be right before anything else is looked at, and a target in the form that everything else expects: a path,
    /// or `*` for `OPTIONS`; the name that was in it becomes `Host` (RFC 9112, sections 3.2 and 6.1).
    mutating func normalize() throws(RequestFault) {
        if method == .CONNECT { throw RequestFault(status: .notImplemented, text: "this is no proxy") }
        try checkHost()
        try checkCodings()
        guard !uri.hasPrefix("/") else { return }
        if uri == "*" {
            guard method == .OPTIONS else { throw .malformed("* is a target of OPTIONS only") }
            return
        }
        try takeNameFromTarget()
    }

    private func checkHost() throws(RequestFault) {
        let hosts = headers["host"]
        guard hosts.count < 2 else { throw .malformed("a request has one Host") }
        guard let host = hosts.first else {
            guard isOld else { throw .malformed("a request of HTTP/1.1 has a Host") }
            return
        }
        guard host.isEmpty || HTTPRequestHead.isHost(host) else { throw .malformed("Host is no name of a host") }
    }

    /// What does not end with `chunked` has no end that could be told; what is packed otherwise is not unpacked.
    private func checkCodings() throws(RequestFault) {
        let codings = headers[canonicalForm: "transfer-encoding"].map { $0.lowercased() }
        guard !codings.isEmpty else { return }
        guard !isOld else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
        guard codings.last == "chunked" else { throw .malformed("the last Transfer-Encoding has to be chunked") }
        guard codings.count == 1 else {
            throw RequestFault(status: .notImplemented, text: "no Transfer-Encoding but chunked is known here")
        }
    }

    /// `http://wall.example/tweets`, as it is sent to proxies: every server has to take it, and `Host` counts no more.
    private mutating func takeNameFromTarget() throws(RequestFault) {
        guard let start = uri.firstRange(of: "://"), ["http", "https"].contains(uri[..<start.lowerBound].lowercased())
        else { throw .malformed("the target is neither a path nor an address of HTTP") }
        let name = uri[start.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard HTTPRequestHead.isHost(name) else { throw .malformed("the target names no host") }
        headers.replaceOrAdd(name: "host", value: String(name))
        let rest = String(uri[name.endIndex...])
        if rest.isEmpty {
            uri = method == .OPTIONS ? "*" : "/"
        } else {
            uri = rest.hasPrefix("/") ? rest : "/" + rest
        }
    }

    /// Older than HTTP/1.1: neither knows chunks nor keeps a connection.
    var isOld: Bool { version.major < 1 || version.major == 1 && version.minor < 1 }

    /// Whether the connection is over after the answer. What asks for another protocol gets none, and after it nothing is
    /// read any more.
    var isLast: Bool { isOld || !isKeepAlive || headers.contains(name: "upgrade") }

    /// Whether the body is sent only when it is asked for (RFC 9110, section 10.1.1).
    var waitsForContinue: Bool {
        guard !isOld, headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) else {
            return false
        }
        return headers.contains(name: "transfer-encoding")
            || headers.first(name: "content-length").map { $0 != "0" } ?? false
    }

    /// RFC 3986, section 3.2, without a user.
    static func isHost(_ text: some StringProtocol) -> Bool {
        guard let host = Authority.parts(of: Substring(text))?.host else { return false }
        return host.first == "["
            ? host.dropFirst().dropLast().utf8.allSatisfy { isName($0) || $0 == UInt8(ascii: ":") }
            : host.utf8.allSatisfy(isName)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        byte.isUnreserved || "!$&'()*+,;=%".utf8.contains(byte)
    }
}
