/// Where a server listens: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/path`.
package enum ListenAddress: Hashable, Sendable, LosslessStringConvertible {
    /// A literal IPv4 or IPv6 address (without brackets) and a port; port 0 lets the system choose.
    case ip(host: String, port: Int)
    /// A socket file.
    case unix(path: String)

    /// The longest path that fits into `sockaddr_un`, in bytes.
    package static let maximumUnixPathBytes = 107

    /// - Returns: nil for a host name (other than `localhost`), a missing port, or a path that is relative or too long.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/"), path.utf8.count <= ListenAddress.maximumUnixPathBytes else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = ListenAddress.port(text[text.index(after: colon)...]),
            let host = ListenAddress.host(text[..<colon])
        else { return nil }
        self = .ip(host: host, port: port)
    }

    /// As a setting.
    ///
    /// - Throws: what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> ListenAddress {
        try ListenAddress(text).orExpected("ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080, or unix:/path")
    }

    /// As a setting of what listens on the network only.
    ///
    /// - Throws: what is expected.
    @Sendable package static func parseIP(_ text: String) throws(FailureReport) -> ListenAddress {
        guard case .ip? = ListenAddress(text) else {
            throw FailureReport("expected ADDRESS:PORT such as 127.0.0.1:9464 or [::1]:9464", status: .usage)
        }
        return try parse(text)
    }

    package var description: String {
        switch self {
        case .ip(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:" + path
        }
    }

    private static func port(_ text: Substring) -> Int? {
        guard (1...5).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(text),
            port <= 65_535
        else { return nil }
        return port
    }

    private static func host(_ text: Substring) -> String? {
        if text == "localhost" { return "127.0.0.1" }
        if text.hasPrefix("["), text.hasSuffix("]") {
            let inner = String(text.dropFirst().dropLast())
            return LiteralAddress.isIPv6(inner) ? inner : nil
        }
        return LiteralAddress.isIPv4(String(text)) ? String(text) : nil
    }
}
