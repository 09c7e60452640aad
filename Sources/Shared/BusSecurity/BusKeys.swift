import Messages
import ServiceRuntime
import ZeroMQ

/// What a process that connects to the bus over `tcp://` has: its own key pair, and the router's public key.
public struct BusKeys: Sendable, Hashable {
    public let own: CurveKeyPair
    public let router: CurveKey

    public init(own: CurveKeyPair, router: CurveKey) {
        self.own = own
        self.router = router
    }

    /// For the socket to the router.
    public var toRouter: Curve { .client(own, server: router) }
}

/// What a process that others connect to over `tcp://` has: its own key pair, and the list of those who may.
public struct BusGuard: Sendable, Hashable {
    /// The name under which libzmq asks for our users.
    static let domain = "p2pmsg"

    public let own: CurveKeyPair
    /// nil: nobody may.
    public let allowFile: String?
    public let allowed: AllowList

    public init(own: CurveKeyPair, allowFile: String?, allowed: AllowList) {
        self.own = own
        self.allowFile = allowFile
        self.allowed = allowed
    }

    /// For the sockets that are bound.
    public var forBinding: Curve { .server(own, domain: BusGuard.domain) }

    /// Lets those on the list in, and nobody else, from now on.
    public func open(in context: LoopContext) throws(ZeroMQError) {
        try context.allow(allowed.users, in: BusGuard.domain)
    }

    /// The same with the list as it is on the disk now.
    ///
    /// - Throws: as `AllowList.read`.
    public func reread() throws(FailureReport) -> BusGuard {
        guard let allowFile else { return self }
        return BusGuard(own: own, allowFile: allowFile, allowed: try AllowList.read(allowFile))
    }
}
