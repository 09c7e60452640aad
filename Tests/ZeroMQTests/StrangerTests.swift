import TestSupport
import Testing
import ZeroMQ

@Suite("Strangers at a CURVE socket", .timeLimit(.minutes(5)))
struct StrangerTests {
    /// What a publisher says all the time, to be recognised among other bytes.
    private static let content = Array("P2-content-of-the-wall".utf8)

    /// Every greeting that could lead to a connection without CURVE. A subscription follows each.
    enum Stranger: String, CaseIterable, Sendable {
        case silent, null, plain, curveThatIsNone, zmtp2, zmtp1

        private static func greeting(_ mechanism: String, asServer: UInt8 = 0) -> [UInt8] {
            let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]
            let name = Array(mechanism.utf8) + [UInt8](repeating: 0, count: 20 - mechanism.utf8.count)
            return signature + [3, 0] + name + [asServer] + [UInt8](repeating: 0, count: 31)
        }

        private static func command(_ name: String, _ body: [UInt8]) -> [UInt8] {
            let content = [UInt8(name.utf8.count)] + Array(name.utf8) + body
            return [4, UInt8(content.count)] + content
        }

        private static let ready = command(
            "READY", [11] + Array("Socket-Type".utf8) + [0, 0, 0, 3] + Array("SUB".utf8))
        private static let subscription: [UInt8] = [0, 1, 1]

        var bytes: [UInt8] {
            switch self {
            case .silent: []
            case .null: Self.greeting("NULL") + Self.ready + Self.subscription
            case .plain:
                Self.greeting("PLAIN") + Self.command("HELLO", [1, 97, 1, 98])
                    + Self.command("INITIATE", []) + Self.subscription
            // Goes on as if the handshake were over.
            case .curveThatIsNone: Self.greeting("CURVE") + Self.ready + Self.subscription
            case .zmtp2: [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 2, 0, 0] + Self.subscription
            case .zmtp1: [1, 0, 2, 0, 1]
            }
        }
    }

    /// Publishes without pause to a friend, who hears it, and to strangers, who get nothing but the greeting.
    @Test(arguments: Stranger.allCases)
    func stranger_readsNoByteOfContent(stranger: Stranger) async throws {
        let rig = try CurveRig()
        let friend = try Rig("friend")
        try await rig.allow(rig.friend)
        let publisher = try await rig.server.bound(.pub, to: rig.endpoint, rig.serverOptions)
        try await rig.server.loop.run { context in
            _ = context.every(.milliseconds(1)) { publisher.value(in: context).send([Self.content]) }
        }
        let heard = Mailbox<[[UInt8]]>()
        let subscriber = try await friend.connected(.sub, to: rig.endpoint, rig.clientOptions(rig.friend), into: heard)
        try await friend.loop.run { try subscriber.value(in: $0).subscribe() }
        #expect(await heard.first(within: .seconds(5)) != nil)

        let peer = try RawPeer(tcp: rig.port)
        peer.send(stranger.bytes)
        // The server hangs up on whoever hasn't introduced itself within two seconds.
        let (bytes, isClosed) = peer.read(within: .seconds(5))
        #expect(isClosed)
        #expect(bytes.count <= 64, "no more than a greeting: \(bytes)")
        #expect(bytes.firstRange(of: Self.content) == nil)
        try await eventually("it is counted", within: .seconds(5)) {
            // libzmq hangs up on the protocols of before CURVE without a word about handshakes.
            let counters = try await rig.server.counters(publisher)
            return counters.handshakesFailed + counters.disconnected >= 1
        }
        #expect(try await rig.server.counters(publisher).connected == 1, "the friend alone")
        await rig.shutdown(friend)
    }

    @Test func subscriberWithAWrongKey_readsNothing() async throws {
        let rig = try CurveRig()
        let others = try Rig("others")
        try await rig.allow(rig.friend)
        let publisher = try await rig.server.bound(.pub, to: rig.endpoint, rig.serverOptions)
        try await rig.server.loop.run { context in
            _ = context.every(.milliseconds(1)) { publisher.value(in: context).send([Self.content]) }
        }
        let stolen = Mailbox<[[UInt8]]>()
        let wrong = [
            rig.clientOptions(try .generate()),
            rig.clientOptions(rig.friend, server: try CurveKeyPair.generate().publicKey),
        ]
        for options in wrong {
            let subscriber = try await others.connected(.sub, to: rig.endpoint, options, into: stolen)
            try await others.loop.run { try subscriber.value(in: $0).subscribe() }
        }
        let heard = Mailbox<[[UInt8]]>()
        let friend = try await others.connected(.sub, to: rig.endpoint, rig.clientOptions(rig.friend), into: heard)
        try await others.loop.run { try friend.value(in: $0).subscribe() }
        #expect(await heard.reached(200, within: .seconds(10)))
        #expect(stolen.count == 0)
        let counters = try await rig.server.counters(publisher)
        #expect(counters.keysRefused >= 1)
        #expect(counters.handshakesFailed >= 1)
        await rig.shutdown(others)
    }

    /// Half of them with a key that is not on the list, half expecting another server.
    @Test func wrongKeys_areRefusedEveryTime() async throws {
        let total = 10_000
        let batch = 250
        let rig = try CurveRig()
        let client = try Rig("client")
        try await rig.allow(rig.friend)
        let router = try await rig.echo()
        let stranger = try CurveKeyPair.generate()
        let elsewhere = try CurveKeyPair.generate().publicKey
        let verdicts = Mailbox<ConnectionEvent>()
        let answers = Mailbox<[[UInt8]]>()
        for first in stride(from: 0, to: total, by: batch) {
            let options = [rig.clientOptions(stranger), rig.clientOptions(rig.friend, server: elsewhere)]
            try await client.loop.run { [endpoint = rig.endpoint] context in
                for index in 0..<batch {
                    let socket = try context.socket(.dealer, options[index % 2])
                    socket.onReceive = { answers.append($0) }
                    socket.whenWritable { [unowned socket] in socket.send([[1]]) }
                    try socket.observeConnections { [unowned socket] event in
                        guard event != .disconnected, socket.isOpen else { return }
                        verdicts.append(event)
                        socket.close()
                    }
                    try socket.connect(endpoint)
                }
            }
            let isDone = await verdicts.reached(first + batch, within: .seconds(30))
            let seen = try await rig.server.counters(router)
            try #require(isDone, "\(verdicts.count) of \(first + batch): \(seen)")
        }
        #expect(verdicts.all.count { $0 == .keyRefused } == total / 2)
        #expect(verdicts.all.count { $0 == .handshakeFailed } == total / 2)
        let counters = try await eventually("all are counted", within: .seconds(5)) {
            let counters = try await rig.server.counters(router)
            return counters.keysRefused + counters.handshakesFailed >= UInt64(total) ? counters : nil
        }
        #expect(counters.keysRefused == UInt64(total / 2))
        #expect(counters.connected == 0)
        #expect(counters.received == 0)
        #expect(answers.count == 0)
        await rig.shutdown(client)
    }
}
