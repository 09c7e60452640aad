import TestSupport
import ZeroMQ

/// A server with CURVE on a free port of 127.0.0.1, and the keys of those who come.
struct CurveRig: Sendable {
    static let domain = "test"

    let server: Rig
    let own: CurveKeyPair
    let friend: CurveKeyPair
    let port: UInt16

    var endpoint: String { "tcp://127.0.0.1:\(port)" }

    init() throws {
        server = try Rig("server")
        own = try .generate()
        friend = try .generate()
        port = try FreePort.tcp()
    }

    var serverOptions: SocketOptions {
        var options = SocketOptions()
        options.curve = .server(own, domain: Self.domain)
        return options
    }

    func clientOptions(_ pair: CurveKeyPair, server: CurveKey? = nil) -> SocketOptions {
        var options = SocketOptions()
        options.curve = .client(pair, server: server ?? own.publicKey)
        return options
    }

    /// Lets these keys in, all as clients named "friend".
    func allow(_ pairs: CurveKeyPair...) async throws {
        let users = Dictionary(
            uniqueKeysWithValues: pairs.map { ($0.publicKey, CurveUser(role: "client", name: "friend")) })
        try await server.loop.run { try $0.allow(users, in: Self.domain) }
    }

    /// A router that sends everything back and tells whose it was.
    func echo(into users: Mailbox<CurveUser?>? = nil) async throws -> LoopBound<Socket> {
        try await server.loop.run { [endpoint, serverOptions] context in
            let router = try context.socket(.router, serverOptions)
            try router.bind(endpoint)
            router.onReceive = { [unowned router] frames in
                users?.append(router.sender)
                router.send(frames)
            }
            return LoopBound(router, in: context)
        }
    }

    /// A dealer on a loop of its own that sends one message and gives what comes back to the mailbox.
    func dealer(
        _ pair: CurveKeyPair, server: CurveKey? = nil, on rig: Rig, into heard: Mailbox<[[UInt8]]>,
        events: Mailbox<ConnectionEvent>? = nil
    ) async throws -> LoopBound<Socket> {
        let options = clientOptions(pair, server: server)
        return try await rig.loop.run { [endpoint] context in
            let dealer = try context.socket(.dealer, options)
            try dealer.observeConnections { events?.append($0) }
            dealer.onReceive = { heard.append($0) }
            try dealer.connect(endpoint)
            dealer.whenWritable { [unowned dealer] in dealer.send([[1], [2, 3]]) }
            return LoopBound(dealer, in: context)
        }
    }

    func shutdown(_ others: Rig...) async {
        for rig in others { await rig.loop.shutdown() }
        await server.loop.shutdown()
    }
}
