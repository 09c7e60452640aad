/// Where a server listens: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/path`.
package enum ListenAddress: Hashable, Sendable, SettingValue, LosslessStringConvertible {
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

    package static let expectation = "ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080, or unix:/path"

    /// As a setting of what listens on the network only.
    ///
    /// - Throws: what is expected.
    @Sendable package static func parseIP(_ text: String) throws(FailureReport) -> ListenAddress {
        let address = ListenAddress(text).flatMap { if case .ip = $0 { $0 } else { nil } }
        return try address.orExpected("ADDRESS:PORT such as 127.0.0.1:9464 or [::1]:9464")
    }

    package var description: String {
        switch self {
        case .ip(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:" + path
        }
    }

    package var isIPv6: Bool { if case .ip(let host, _) = self { host.contains(Character(":")) } else { false } }

    private static func port(_ text: Substring) -> Int? {
        text.count <= 5 && text.allSatisfy { $0.isASCII && $0.isNumber } ? UInt16(text).map(Int.init) : nil
    }

    private static func host(_ text: Substring) -> String? {
        if text == "localhost" { return "127.0.0.1" }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let host = String(isBracketed ? text.dropFirst().dropLast() : text)
        return NetworkAddress(host) != nil && host.contains(Character(":")) == isBracketed ? host : nil
    }
}
