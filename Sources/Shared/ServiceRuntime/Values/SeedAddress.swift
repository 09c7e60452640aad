/// A seed as the operator names it: a literal address, or a host name that is looked up again and again. (On the wire
/// addresses are always literals.)
package struct SeedAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    /// 1 or more.
    package let port: UInt16

    /// - Returns: nil for anything but `HOST:PORT`; a literal IPv6 address stands in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.count <= 253, !host.contains(where: \.isWhitespace) else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// As a setting.
    ///
    /// - Throws: what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> SeedAddress {
        try SeedAddress(text).orExpected("HOST:PORT such as seed.example.org:42424 or [2001:db8::1]:42424")
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
