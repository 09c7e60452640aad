import HTTPTypes
import Hummingbird
import Logging
import ServiceRuntime
import Synchronization

/// Which peers may say who the visitor is and how the wall is called outside: with `X-Forwarded-*`, or with `Forwarded` where
/// none of those is there.
final class Proxies: Sendable {
    private let trusted: [Network]
    private let logger: Logger
    private let warned = Mutex<Set<String>>([])

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

    /// The visitor: the first address from the right that the operator does not trust.
    func visitor(of request: Request, from peer: Peer) -> Visitor {
        guard isTrusted(peer) else {
            guard case .ip(let address, _) = peer else { return .local }
            let isProxy = Proxies.headers.contains { request.headers[$0] != nil }
            if isProxy { warn(about: peer) }
            return address.isLoopback && !isProxy ? .local : .at(address)
        }
        // Who stood before the hop that is looked at.
        var nearer: Visitor = if case .ip(let address, _) = peer, !address.isLoopback { .at(address) } else { .local }
        for (index, hop) in believed(request.headers, from: peer).enumerated() {
            guard let name = hop.visitor else { return index == 0 ? .unnamed : nearer }
            guard let address = NetworkAddress(forwarded: name) else { return .unnamed }
            nearer = address.isLoopback ? .local : .at(address)
            guard isTrusted(address) else { return .at(address) }
        }
        return nearer
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
