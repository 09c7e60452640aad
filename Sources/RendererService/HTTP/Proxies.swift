import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceRuntime
import Synchronization

/// Who sent a request, as far as visitors are told apart.
enum Visitor: Hashable, Sendable {
    /// A program on this machine that speaks for nobody else.
    case local
    case at(NetworkAddress)
    /// A visitor whose address trusted proxies do not give, or of which nothing is known: all of them share one limit.
    case unnamed
}

/// Who sent a request: the visitor, or a proxy.
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

    /// Nothing where it has no address.
    var place: [UInt8] { if case .ip(let address, _) = self { address.place } else { [] } }
}

extension NetworkAddress {
    /// What one network has: an IPv4 address, or a /64 of IPv6.
    var place: [UInt8] { isIPv4 ? bytes : Array(bytes.prefix(8)) }

    /// What one household or company may have: an IPv4 address, or a /48 of IPv6.
    var site: [UInt8] { isIPv4 ? bytes : Array(bytes.prefix(6)) }

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

/// Which peers may say who the visitor is and how the wall is called outside: with `X-Forwarded-*`, or with `Forwarded` where
/// none of those is there.
final class Proxies: Sendable {
    private let trusted: [Network]
    private let logger: Logger
    private let warned = Mutex<Set<String>>([])
    private let hasWarnedOfUnnamed = Atomic(false)

    init(trusted: [Network], logger: Logger) {
        self.trusted = trusted
        self.logger = logger
    }

    /// A peer on our unix socket is trusted: the file's permissions say who can connect.
    func isTrusted(_ peer: Peer) -> Bool {
        switch peer {
        case .ip(let address, _): isTrusted(address)
        case .local: true
        case .unknown: false
        }
    }

    /// How the visitor's browser calls this wall: what the outermost proxy that is trusted saw. Nil without a usable name.
    func site(of request: Request, from peer: Peer) -> Site.Name? {
        let hops = believed(request.headers, from: peer)
        let host = hops.last { $0.host != nil }?.host
        let scheme = hops.last { $0.scheme != nil }?.scheme?.lowercased()
        guard let authority = (host ?? request.head.authority).flatMap({ Authority($0) }) else { return nil }
        return Site.Name(authority: authority, scheme: scheme == "http" || scheme == "https" ? scheme : nil)
    }

    /// The visitor: the first address from the right that the operator does not trust. Where there is none, nobody is taken
    /// for a program on this machine: everybody comes through that proxy.
    func visitor(of request: Request, from peer: Peer) -> Visitor {
        guard isTrusted(peer) else {
            guard case .ip(let address, _) = peer else { return .unnamed }
            let isProxy = Proxies.headers.contains { request.headers[$0] != nil }
            if isProxy { warn(about: peer) }
            return address.isLoopback && !isProxy ? .local : .at(address)
        }
        let outermost = believed(request.headers, from: peer).last?.visitor
        guard let address = outermost.flatMap({ NetworkAddress(forwarded: $0) }), !isTrusted(address) else {
            warnOfUnnamed()
            return .unnamed
        }
        return .at(address)
    }

    /// What a connection counts for: proxies limit their visitors themselves.
    func place(of peer: Peer) -> Connections.Place {
        isTrusted(peer) ? .proxy : .network(peer.place)
    }

    /// What trusted proxies say, the nearest one first: what the peer says, and while that names a trusted proxy, what that one
    /// says.
    private func believed(_ headers: HTTPFields, from peer: Peer) -> [Forwarded.Hop] {
        guard isTrusted(peer) else {
            if Proxies.headers.contains(where: { headers[$0] != nil }) { warn(about: peer) }
            return []
        }
        var hops: [Forwarded.Hop] = []
        for hop in Forwarded(headers).hops.reversed() {
            hops.append(hop)
            guard let address = hop.visitor.flatMap({ NetworkAddress(forwarded: $0) }), isTrusted(address) else {
                break
            }
        }
        return hops
    }

    private func isTrusted(_ address: NetworkAddress) -> Bool { trusted.contains { $0.contains(address) } }

    private static let headers: [HTTPField.Name] = [.forwardedHost, .forwardedProto, .forwardedFor, .forwarded]

    /// Once for each proxy: the operator's missing setting, ready to copy.
    private func warn(about peer: Peer) {
        guard case .ip(_, let address) = peer else { return }
        let isNew = warned.withLock { $0.count < Limits.warnedProxies && $0.insert(address).inserted }
        guard isNew else { return }
        logger.warning(
            "forwarding headers of a peer that is not trusted are ignored; if it is your proxy, add the setting",
            metadata: ["setting": "--trusted-proxy \(address)"])
    }

    private func warnOfUnnamed() {
        guard !hasWarnedOfUnnamed.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            """
            a trusted proxy names no visitor, or an address that is trusted itself: all such visitors share one limit; it \
            should set X-Forwarded-For, and --trusted-proxy should hold proxies only
            """
        )
    }
}

extension HTTPField.Name {
    static let forwardedHost = HTTPField.Name("X-Forwarded-Host")!
    static let forwardedProto = HTTPField.Name("X-Forwarded-Proto")!
    static let forwarded = HTTPField.Name("Forwarded")!
    static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
    static let frameOptions = HTTPField.Name("X-Frame-Options")!
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
    static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    static let resourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
}
