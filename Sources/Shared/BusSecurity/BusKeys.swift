import Messages
import ServiceRuntime
import ZeroMQ

/// What a process that connects to the bus over `tcp://` has: its own key pair, and the router's public key.
package struct BusKeys: Sendable, Hashable {
    package let own: CurveKeyPair
    package let router: CurveKey

    package init(own: CurveKeyPair, router: CurveKey) {
        self.own = own
        self.router = router
    }

    /// For the socket to the router.
    package var toRouter: Curve { .client(own, server: router) }
}

/// What a process that others connect to over `tcp://` has: its own key pair, and the list of those who may.
package struct BusGuard: Sendable, Hashable {
    /// The name under which libzmq asks for our users.
    static let domain = "p2pmsg"

    package let own: CurveKeyPair
    /// nil: nobody may.
    package let allowFile: String?
    package let allowed: AllowList

    /// For the sockets that are bound.
    package var forBinding: Curve { .server(own, domain: BusGuard.domain) }

    /// Lets those on the list in, and nobody else, from now on.
    package func open(in context: LoopContext) throws(ZeroMQError) {
        try context.allow(allowed.users, in: BusGuard.domain)
    }

    /// The same with the list as it is on the disk now.
    ///
    /// - Throws: as `AllowList.read`.
    package func reread() throws(FailureReport) -> BusGuard {
        guard let allowFile else { return self }
        return BusGuard(own: own, allowFile: allowFile, allowed: try AllowList.read(allowFile))
    }
}
