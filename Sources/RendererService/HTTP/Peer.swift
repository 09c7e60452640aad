import NIOCore
import ServiceRuntime

/// Who sent a request, as far as visitors are told apart.
enum Visitor: Hashable, Sendable {
    /// A program on this machine that speaks for nobody else.
    case local
    case at(NetworkAddress)
    /// A visitor that a trusted proxy names without an address (`unknown`, `_hidden`): all of them share one limit.
    case unnamed
}

/// The other end of a connection.
enum Peer: Hashable, Sendable {
    case ip(NetworkAddress, text: String)
    /// On our unix socket.
    case local
    case unknown

    init(_ address: SocketAddress?) {
        switch address {
        case .unixDomainSocket: self = .local
        case .some(let address):
            // A link-local peer comes with its zone.
            let text = String((address.ipAddress ?? "").prefix { $0 != "%" })
            self = NetworkAddress(text).map { .ip($0, text: text) } ?? .unknown
        case .none: self = .unknown
        }
    }
}

extension NetworkAddress {
    /// - Parameter item: of `X-Forwarded-For` or `Forwarded`: an address, perhaps with brackets, a port or a zone.
    init?(forwarded item: some StringProtocol) {
        var text = item.filter { $0 != " " && $0 != "\t" }[...]
        if text.first == "[" {
            text = text.dropFirst().prefix { $0 != "]" }
        } else if text.filter({ $0 == ":" }).count == 1 {
            text = text.prefix { $0 != ":" }
        }
        // A zone means something on the proxy's host only.
        self.init(String(text.prefix { $0 != "%" }))
    }
}
