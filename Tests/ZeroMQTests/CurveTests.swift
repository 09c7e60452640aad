import TestSupport
import Testing
import ZeroMQ

@Suite("CURVE", .timeLimit(.minutes(1)))
struct CurveTests {
    @Test func keys_areWrittenInFortyCharactersAndReadBack() throws {
        for _ in 0..<50 {
            let pair = try CurveKeyPair.generate()
            #expect(pair.publicKey.description.utf8.count == CurveKey.characters)
            #expect(CurveKey(pair.publicKey.description) == pair.publicKey)
            #expect(CurveKey(bytes: pair.publicKey.bytes) == pair.publicKey)
            #expect(try CurveKeyPair(secret: pair.exportedSecret) == pair)
        }
        // From RFC 26.
        let known = try CurveKeyPair(secret: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs")
        #expect(known.publicKey.description == "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")
    }

    @Test(arguments: [
        "", "short", String(repeating: "0", count: 39), String(repeating: "0", count: 41),
        String(repeating: "~", count: 40), String(repeating: " ", count: 40), String(repeating: "#", count: 40),
        String(repeating: "é", count: 20),
    ])
    func otherTexts_areNoKeys(text: String) {
        #expect(CurveKey(text) == nil)
        #expect((try? CurveKeyPair(secret: text)) == nil)
    }

    @Test func allowedKey_isServedAndKnownByItsUser() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        try await rig.allow(rig.friend)
        let users = Mailbox<CurveUser?>()
        let heard = Mailbox<[[UInt8]]>()
        let router = try await rig.echo(into: users)
        _ = try await rig.dealer(rig.friend, on: client, into: heard)
        #expect(await heard.first(within: .seconds(5))?.element == [[1], [2, 3]])
        #expect(users.all == [CurveUser(role: "client", name: "friend")])
        let counters = try await rig.server.counters(router)
        #expect(counters.connected == 1)
        #expect(counters.keysRefused == 0)
        await rig.shutdown(client)
    }

    @Test func otherKey_isRefusedAndCountedAndToldSo() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        let stranger = try CurveKeyPair.generate()
        try await rig.allow(rig.friend)
        let heard = Mailbox<[[UInt8]]>()
        let events = Mailbox<ConnectionEvent>()
        let router = try await rig.echo()
        _ = try await rig.dealer(stranger, on: client, into: heard, events: events)
        #expect(await events.first(within: .seconds(5))?.element == .keyRefused)
        try await eventually("it is counted", within: .seconds(5)) {
            try await rig.server.counters(router).keysRefused == 1
        }
        #expect(try await rig.server.counters(router).connected == 0)
        // Allowed from now on, with a new socket: libzmq doesn't try again by itself.
        try await rig.allow(rig.friend, stranger)
        _ = try await rig.dealer(stranger, on: client, into: heard)
        #expect(await heard.first(within: .seconds(5)) != nil)
        #expect(heard.count == 1)
        await rig.shutdown(client)
    }

    @Test func withoutList_nobodyComesIn() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        let events = Mailbox<ConnectionEvent>()
        let router = try await rig.echo()
        _ = try await rig.dealer(rig.friend, on: client, into: Mailbox(), events: events)
        #expect(await events.first(within: .seconds(5))?.element == .keyRefused)
        #expect(try await rig.server.counters(router).received == 0)
        await rig.shutdown(client)
    }

    @Test func listOfAnotherDomain_letsNobodyIn() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        let users = [rig.friend.publicKey: CurveUser(role: "client", name: "friend")]
        try await rig.server.loop.run { try $0.allow(users, in: "other") }
        let events = Mailbox<ConnectionEvent>()
        _ = try await rig.echo()
        _ = try await rig.dealer(rig.friend, on: client, into: Mailbox(), events: events)
        #expect(await events.first(within: .seconds(5))?.element == .keyRefused)
        await rig.shutdown(client)
    }

    @Test func wrongServerKey_endsTheHandshake() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        try await rig.allow(rig.friend)
        let events = Mailbox<ConnectionEvent>()
        let router = try await rig.echo()
        _ = try await rig.dealer(
            rig.friend, server: try CurveKeyPair.generate().publicKey, on: client, into: Mailbox(), events: events)
        #expect(await events.first(within: .seconds(5))?.element == .handshakeFailed)
        try await eventually("it is counted", within: .seconds(5)) {
            try await rig.server.counters(router).handshakesFailed >= 1
        }
        #expect(try await rig.server.counters(router).connected == 0)
        await rig.shutdown(client)
    }

    @Test func removedKey_isOutAtOnce_andTheOthersComeAgain() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        let removed = try CurveKeyPair.generate()
        try await rig.allow(rig.friend, removed)
        let router = try await rig.echo()
        let (stays, goes) = (Mailbox<[[UInt8]]>(), Mailbox<[[UInt8]]>())
        let friend = try await rig.dealer(rig.friend, on: client, into: stays)
        let events = Mailbox<ConnectionEvent>()
        let other = try await rig.dealer(removed, on: client, into: goes, events: events)
        for heard in [stays, goes] { #expect(await heard.first(within: .seconds(5)) != nil) }
        try await rig.allow(rig.friend)
        // While they are connected nothing has changed for them.
        try await client.sendWhenWritable(other, [[4]])
        #expect(await goes.first(within: .seconds(5)) { $0 == [[4]] } != nil)
        try await rig.server.loop.run { try router.value(in: $0).renewConnections() }
        #expect(await events.first(within: .seconds(5)) { $0 == .keyRefused } != nil)
        try await eventually("the friend is back", within: .seconds(5)) {
            try await rig.server.counters(router).connected == 3
        }
        try await client.sendWhenWritable(friend, [[5]])
        #expect(await stays.first(within: .seconds(5)) { $0 == [[5]] } != nil)
        try await client.sendWhenWritable(other, [[6]])
        try await client.sendWhenWritable(friend, [[7]])
        #expect(await stays.first(within: .seconds(5)) { $0 == [[7]] } != nil)
        #expect(!goes.all.contains([[6]]))
        await rig.shutdown(client)
    }

    @Test func tcp_isForSocketsWithTheirKeysOnly() async throws {
        let rig = try CurveRig()
        let wrong: [(Bool, SocketOptions)] = [
            (true, SocketOptions()), (false, SocketOptions()), (true, rig.clientOptions(rig.friend)),
            (false, rig.serverOptions),
        ]
        for (binds, options) in wrong {
            let error = await zeroMQError {
                try await rig.server.loop.run { [endpoint = rig.endpoint] context in
                    let socket = try context.socket(.dealer, options)
                    defer { socket.close() }
                    if binds { try socket.bind(endpoint) } else { try socket.connect(endpoint) }
                }
            }
            #expect(error?.code == .transportRefused)
            #expect(error?.message.contains("CURVE") == true)
        }
        await rig.shutdown()
    }

    @Test func freePort_isToldAndKept() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        try await rig.allow(rig.friend)
        let endpoint = try await rig.server.loop.run { [options = rig.serverOptions] context in
            let router = try context.socket(.router, options)
            try router.bind("tcp://127.0.0.1:*")
            router.onReceive = { [unowned router] in router.send($0) }
            try router.renewConnections()
            return try #require(router.lastEndpoint)
        }
        #expect(endpoint.hasPrefix("tcp://127.0.0.1:"))
        let heard = Mailbox<[[UInt8]]>()
        let dealer = try await client.connected(
            .dealer, to: endpoint, rig.clientOptions(rig.friend), into: heard)
        try await client.sendWhenWritable(dealer, [[1], [2]])
        #expect(await heard.first(within: .seconds(5)) != nil)
        await rig.shutdown(client)
    }

    /// The old listener ends in libzmq's own time, and until then nobody can listen there.
    @Test func freePort_isToldWhileTheSocketWaitsForIt() async throws {
        let rig = try CurveRig()
        let told = try await rig.server.loop.run { [options = rig.serverOptions] context in
            let router = try context.socket(.router, options)
            try router.bind("tcp://127.0.0.1:*")
            return try (0..<200).map { _ in
                try router.renewConnections()
                return router.lastEndpoint
            }
        }
        #expect(Set(told).count == 1)
        #expect(told.first??.hasPrefix("tcp://127.0.0.1:") == true)
        await rig.shutdown()
    }

    @Test func frameBeyondTheLimit_disconnectsItsSenderOverTCPToo() async throws {
        let rig = try CurveRig()
        let client = try Rig("client")
        try await rig.allow(rig.friend)
        let heard = Mailbox<[[UInt8]]>()
        let router = try await rig.echo()
        let dealer = try await rig.dealer(rig.friend, on: client, into: heard)
        #expect(await heard.first(within: .seconds(5)) != nil)
        try await client.sendWhenWritable(dealer, [[UInt8](repeating: 0, count: ZeroMQLimits.frameBytes + 1)])
        try await eventually("the sender is disconnected", within: .seconds(5)) {
            try await rig.server.counters(router).disconnected >= 1
        }
        #expect(try await rig.server.counters(router).received == 1)
        await rig.shutdown(client)
    }
}
