/// Decides which keys come in: the handler of ZAP, the ZeroMQ Authentication Protocol (RFC 27), for the sockets of one
/// loop. It runs on the loop's own thread, so it knows what the loop knows.
///
/// libzmq asks it after a peer has proved that it has the secret half of its key and knows the public half of ours.
/// Without it, or for a domain that nobody has spoken of, everybody is refused.
final class CurveGate {
    static let endpoint = "inproc://zeromq.zap.01"

    private let socket: Socket
    private var users: [String: [CurveKey: CurveUser]] = [:]

    init(in context: LoopContext) throws(ZeroMQError) {
        var options = SocketOptions()
        // A question without an answer would keep its peer waiting until its handshake times out.
        options.sendHighWater = 0
        options.receiveHighWater = 0
        socket = try context.socket(.router, options)
        socket.onReceive = { [unowned self] frames in answer(frames) }
        try socket.bind(Self.endpoint)
    }

    func allow(_ users: [CurveKey: CurveUser], in domain: String) {
        self.users[domain] = users
    }

    /// The frames: routing id, nothing, version, request, domain, address, identity, mechanism, credentials.
    private func answer(_ frames: [[UInt8]]) {
        guard frames.count >= 8 else { return }
        let user = frames[2].elementsEqual("1.0".utf8) ? user(of: frames) : nil
        let (status, text) = user == nil ? ("400", "this key is not allowed") : ("200", "OK")
        // The last frame is metadata; there is none.
        socket.send(
            [frames[0], [], Array("1.0".utf8), frames[3], Array(status.utf8), Array(text.utf8)]
                + [user.map { Array($0.userID.utf8) } ?? [], []])
    }

    private func user(of frames: [[UInt8]]) -> CurveUser? {
        guard frames.count == 9, frames[7].elementsEqual("CURVE".utf8), let key = CurveKey(bytes: frames[8]) else {
            return nil
        }
        return users[String(decoding: frames[4], as: UTF8.self)]?[key]
    }
}

extension LoopContext {
    /// Says which keys come in at the sockets of this domain from now on, and who they belong to. Connections that exist
    /// stay: ``Socket/renewConnections()`` ends them.
    ///
    /// - Throws: `system`, when there is no socket left for the handler.
    package func allow(_ users: [CurveKey: CurveUser], in domain: String) throws(ZeroMQError) {
        try openGate().allow(users, in: domain)
    }

    /// The gate of this loop, made when it is first needed.
    @discardableResult
    func openGate() throws(ZeroMQError) -> CurveGate {
        if let gate { return gate }
        let made = try CurveGate(in: self)
        gate = made
        return made
    }
}
