import HTTPTypes
import Hummingbird
import Logging
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
        case .ip(let address, _): trusted.contains { $0.contains(address) }
        case .local: true
        case .unknown: false
        }
    }

    /// How the visitor's browser calls this wall; nil without a usable `Host`.
    func site(of request: Request, from peer: Peer) -> Site.Name? {
        let headers = request.headers
        var authority = request.head.authority
        var scheme: String?
        if isTrusted(peer) {
            let hop = forwarded(in: headers).hops.last
            authority = last(headers[.forwardedHost]) ?? hop?.host ?? authority
            scheme = last(headers[.forwardedProto]) ?? hop?.scheme
        } else if Proxies.headers.contains(where: { headers[$0] != nil }) {
            warn(about: peer)
        }
        guard let authority = authority.flatMap({ Authority($0) }) else { return nil }
        return Site.Name(authority: authority, scheme: scheme?.lowercased())
    }

    /// The visitor's address: the peer's, or behind trusted proxies the last one that none of them has. Nil for whoever
    /// is on this machine and speaks for nobody else.
    func visitor(of request: Request, from peer: Peer) -> NetworkAddress? {
        let visitors =
            request.headers[values: .forwardedFor].flatMap { $0.split(separator: ",").map(String.init) }
            + forwarded(in: request.headers).hops.map { $0.visitor ?? "" }
        if isTrusted(peer) {
            for visitor in visitors.reversed() {
                // What a proxy could not read is no address; what stands before it is not to be believed.
                guard let address = NetworkAddress(forwarded: visitor) else { break }
                if !trusted.contains(where: { $0.contains(address) }) { return address }
            }
            return nil
        }
        guard case .ip(let address, _) = peer else { return nil }
        if !visitors.isEmpty { warn(about: peer) }
        return address.isLoopback && visitors.isEmpty ? nil : address
    }

    private static let headers: [HTTPField.Name] = [.forwardedHost, .forwardedProto, .forwardedFor, .forwarded]

    /// A proxy that sets the older headers hands on whatever `Forwarded` a visitor sends.
    private func forwarded(in headers: HTTPFields) -> Forwarded {
        let isOlder = [.forwardedHost, .forwardedProto, .forwardedFor].contains { headers[$0] != nil }
        return Forwarded(isOlder ? [] : headers[values: .forwarded])
    }

    /// The nearest proxy's word is the last of a list.
    private func last(_ value: String?) -> String? {
        guard let item = value?.split(separator: ",").last else { return nil }
        let trimmed = item.filter { $0 != " " && $0 != "\t" }
        return trimmed.isEmpty ? nil : trimmed
    }

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
