import TestSupport
import Testing
import ZeroMQ

@Suite("What became of a message", .timeLimit(.minutes(1)))
struct SendResultTests {
    @Test func routerToStranger_isUnreachable() async throws {
        let rig = try Rig()
        let router = try await rig.bound(.router, to: rig.endpoint())
        let result = try await rig.loop.run { router.value(in: $0).send([[1, 2, 3], [4]]) }
        #expect(result == .unreachable)
        #expect(try await rig.counters(router).unreachable == 1)
        await rig.loop.shutdown()
    }

    @Test func routerToPeerThatLeft_isUnreachable() async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        let router = try await rig.bound(.router, to: rig.endpoint(), into: heard)
        let dealer = try await rig.connected(.dealer, to: rig.endpoint())
        try await rig.sendWhenWritable(dealer, [[9]])
        let peer = try #require(await heard.first(within: .seconds(5))).element[0]
        #expect(try await rig.loop.run { router.value(in: $0).send([peer, [1]]) } == .sent)
        try await rig.loop.run { dealer.value(in: $0).close() }
        try await eventually("the router notices", within: .seconds(5)) {
            try await rig.loop.run { router.value(in: $0).send([peer, [1]]) } == .unreachable
        }
        await rig.loop.shutdown()
    }

    @Test func dealerWithoutPeer_wouldBlock() async throws {
        let rig = try Rig()
        let dealer = try await rig.connected(.dealer, to: rig.endpoint())
        #expect(try await rig.loop.run { dealer.value(in: $0).send([[1]]) } == .wouldBlock)
        await rig.loop.shutdown()
    }

    @Test func dealerWithoutPeer_becomesWritableWhenOneComes() async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        let dealer = try await rig.connected(.dealer, to: rig.endpoint())
        try await rig.sendWhenWritable(dealer, [[1], [2]])
        _ = try await rig.bound(.router, to: rig.endpoint(), into: heard)
        #expect(try #require(await heard.first(within: .seconds(5))).element.dropFirst() == [[1], [2]])
        await rig.loop.shutdown()
    }

    @Test func fullQueue_wouldBlockAndWhatWasTakenArrives() async throws {
        let server = try Rig("server")
        let client = try Rig("client", directory: server.directory)
        let heard = Mailbox<[[UInt8]]>()
        var options = SocketOptions()
        options.sendHighWater = 10
        options.receiveHighWater = 10
        let pull = try await server.bound(.pull, to: server.endpoint(), options)
        let push = try await client.connected(.push, to: server.endpoint(), options)
        let ready = Mailbox<Void>()
        client.loop.post { push.value(in: $0).whenWritable { ready.append(()) } }
        _ = await ready.first(within: .seconds(5))
        let payload = [UInt8](repeating: 1, count: 60_000)
        // Nobody reads: both queues and the system's buffers fill up.
        let sent = try await client.loop.run { context in
            let push = push.value(in: context)
            var blockedInARow = 0
            while blockedInARow < 1_000 { blockedInARow = push.send([payload]) == .sent ? 0 : blockedInARow + 1 }
            return push.counters
        }
        #expect(sent.sent >= 10 && sent.sent < 1_000)
        #expect(sent.wouldBlock >= 1_000)
        try await server.loop.run { context in pull.value(in: context).onReceive = { heard.append($0) } }
        #expect(await heard.reached(Int(sent.sent), within: .seconds(5)))
        #expect(heard.count == Int(sent.sent))
        await client.loop.shutdown()
        await server.loop.shutdown()
    }

    @Test func closedSocket_takesNothingAndSaysSo() async throws {
        let rig = try Rig()
        let dealer = try await rig.connected(.dealer, to: rig.endpoint())
        let error = await zeroMQError {
            try await rig.loop.run { context in
                let dealer = dealer.value(in: context)
                dealer.close()
                dealer.close()
                #expect(dealer.send([[1]]) == .wouldBlock)
                try dealer.connect("inproc://x")
            }
        }
        #expect(error?.code == .socketClosed)
        await rig.loop.shutdown()
    }
}
