/// A host and perhaps a port, as in `Host` and in an origin.
struct Authority: Hashable, Sendable, CustomStringConvertible {
    /// Lower case; an IPv6 address with its brackets.
    let host: String
    let port: Int?

    /// - Parameter text: `host`, `host:port`, `[v6]` or `[v6]:port`; nil for anything else.
    init?(_ text: some StringProtocol) {
        let host: Substring
        var rest = Substring(text)
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[...end]
            rest = rest[rest.index(after: end)...]
        } else {
            host = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(host.count)
        }
        guard !host.isEmpty, host.utf8.allSatisfy(Authority.isAllowed) else { return nil }
        self.host = host.lowercased()
        guard !rest.isEmpty else {
            port = nil
            return
        }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(digits), (1...65_535).contains(number)
        else { return nil }
        port = number
    }

    /// What may be in a registered name or a literal address (RFC 3986, section 3.2.2, without user and escapes).
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"):
            true
        default: false
        }
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
