/// A seed as the operator names it: a literal address, or a host name that is looked up again and again. (On the wire
/// addresses are always literals.)
package struct SeedAddress: Hashable, Sendable, SettingValue, CustomStringConvertible {
    package static let expectation = "HOST:PORT such as seed.example.org:42424 or [2001:db8::1]:42424"

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

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
