import ArgumentParser
import ServiceRuntime
import Telehash
import TelehashWire

/// A seed as the operator names it: a literal address, or a host name that is looked up again and again. (On the wire
/// addresses are always literals.)
struct SeedAddress: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    let host: String
    let port: UInt16

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.count <= 253, !host.contains(where: \.isWhitespace) else { return nil }
        self.host = String(host)
        self.port = port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The address, when it is one and no name.
    var literal: Endpoint? { Endpoint(description) }
}

/// What the seeds stand for now.
struct SeedAddresses: Equatable, Sendable {
    var endpoints: [Endpoint] = []
    /// Whether a name is being looked up for the first time.
    var awaitsMore = false
}
