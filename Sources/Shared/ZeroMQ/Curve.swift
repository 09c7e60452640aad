import CZeroMQ

/// What a socket needs to speak over `tcp://`: everything is encrypted, and both sides prove who they are.
package enum Curve: Sendable, Hashable {
    /// For a socket that binds. Whoever connects has to know our public key, and has to be among the users that the
    /// loop allows in this domain: see ``LoopContext/allow(_:in:)``. Until then nobody comes in.
    case server(CurveKeyPair, domain: String)
    /// For a socket that connects: who we are, and who must answer.
    case client(CurveKeyPair, server: CurveKey)

    /// Whether this machine's libzmq has CURVE.
    package static var isAvailable: Bool { zmq_has("curve") != 0 }

    static func require() throws(ZeroMQError) {
        guard isAvailable else {
            throw ZeroMQError(
                .curveUnavailable,
                "this libzmq was built without CURVE, which tcp:// needs; install one that uses libsodium (Debian's "
                    + "libzmq5 does)")
        }
    }

    func apply(to socket: Socket) throws(ZeroMQError) {
        try Curve.require()
        switch self {
        case .server(let own, let domain):
            // An empty domain would mean to libzmq that nobody is asked.
            precondition(!domain.isEmpty, "a domain has a name")
            try socket.set(ZMQ_CURVE_SERVER, Int32(1), "the CURVE server's role")
            try socket.set(ZMQ_CURVE_SECRETKEY, own.secret, "the secret CURVE key")
            try socket.set(ZMQ_ZAP_DOMAIN, Array(domain.utf8), "the domain")
            try socket.set(ZMQ_ZAP_ENFORCE_DOMAIN, Int32(1), "the enforcement of the domain")
            // A burst of strangers must not fill the system's queue so that friends find no place in it.
            try socket.set(ZMQ_BACKLOG, ZeroMQLimits.backlog, "the backlog")
        case .client(let own, let server):
            try socket.set(ZMQ_CURVE_PUBLICKEY, own.publicKey.bytes, "the public CURVE key")
            try socket.set(ZMQ_CURVE_SECRETKEY, own.secret, "the secret CURVE key")
            try socket.set(ZMQ_CURVE_SERVERKEY, server.bytes, "the server's CURVE key")
            try socket.set(ZMQ_CONNECT_TIMEOUT, ZeroMQLimits.connectTimeout, "the time to connect")
        }
    }
}

/// Who a key belongs to.
package struct CurveUser: Sendable, Hashable {
    /// What the user may do; the meaning is the application's. Not empty and without `/`.
    package let role: String
    /// For people: counters, logs.
    package let name: String

    package init(role: String, name: String) {
        self.role = role
        self.name = name
    }

    /// As libzmq carries it beside every message of the user.
    var userID: String { role + "/" + name }

    init?(userID: String) {
        guard let slash = userID.firstIndex(of: "/") else { return nil }
        role = String(userID[..<slash])
        name = String(userID[userID.index(after: slash)...])
    }
}
