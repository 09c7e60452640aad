import ArgumentParser
import Logging
import NIOCore
import ServiceRuntime
import Telehash

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A seed as the operator names it: a literal address, or a host name that is looked up once, at the start. (On the wire
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

    /// - Parameter ipv6: the family of our socket; an address of the other one can't be reached through it.
    /// - Returns: nil for a name that nobody knows (now).
    /// - Throws: ``FailureReport`` for an address that is wrong.
    func resolve(ipv6: Bool) throws(FailureReport) -> Endpoint? {
        if let literal = Endpoint(description) {
            guard literal.isIPv6 == ipv6 else {
                throw FailureReport(
                    "--seed \(self): this router's UDP socket speaks \(ipv6 ? "IPv6" : "IPv4") only; see --udp")
            }
            return literal
        }
        return lookUp(ipv6: ipv6)
    }

    /// The addresses of seeds. A name that nobody knows any more stops a node only when it has nowhere else to begin.
    /// - Parameter known: whether there are switches of an earlier life.
    static func resolve(
        _ seeds: [SeedAddress], ipv6: Bool, known: Bool, logger: Logger
    ) throws(FailureReport) -> [Endpoint] {
        var found: [Endpoint] = []
        var unknown: [String] = []
        for seed in seeds {
            if let endpoint = try seed.resolve(ipv6: ipv6) {
                found.append(endpoint)
            } else {
                unknown.append("--seed \(seed): no \(ipv6 ? "IPv6" : "IPv4") address is known for that name")
            }
        }
        guard found.isEmpty, !known, let problem = unknown.first else {
            for problem in unknown { logger.warning("a seed is left out", metadata: ["why": "\(problem)"]) }
            return found
        }
        throw FailureReport(problem)
    }

    private func lookUp(ipv6: Bool) -> Endpoint? {
        var hints = addrinfo()
        hints.ai_family = ipv6 ? AF_INET6 : AF_INET
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        guard let address = list?.pointee.ai_addr else { return nil }
        if ipv6 {
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { Endpoint(SocketAddress($0.pointee)) }
        }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Endpoint(SocketAddress($0.pointee)) }
    }
}
