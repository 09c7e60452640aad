import TestSupport
import Testing
import ZeroMQ

@Suite("The end of a loop", .timeLimit(.minutes(1)))
struct ShutdownTests {
    @Test func undeliveredMessages_holdItUpForTheLingerAtMost() async throws {
        let server = try Rig("server")
        let client = try Rig("client", directory: server.directory)
        var options = SocketOptions()
        options.linger = .seconds(60)
        options.immediate = false
        let dealer = try await client.connected(.dealer, to: server.endpoint(), options)
        #expect(try await client.loop.run { dealer.value(in: $0).send([[1]]) } == .sent)
        let duration = await ContinuousClock().measure { await client.loop.shutdown(linger: .milliseconds(300)) }
        #expect(duration >= .milliseconds(250) && duration < .seconds(3))
        await server.loop.shutdown()
    }

    @Test func whatWasSentJustBefore_stillArrives() async throws {
        let server = try Rig("server")
        let client = try Rig("client", directory: server.directory)
        let heard = Mailbox<[[UInt8]]>()
        _ = try await server.bound(.pull, to: server.endpoint(), into: heard)
        let push = try await client.connected(.push, to: server.endpoint())
        try await client.sendWhenWritable(push, [frame(0)])
        _ = await heard.first(within: .seconds(5))
        try await client.loop.run { context in
            for index in 1...500 { push.value(in: context).send([frame(index)]) }
        }
        await client.loop.shutdown()
        #expect(await heard.reached(501, within: .seconds(5)))
        #expect(heard.all.last == [frame(500)])
        await server.loop.shutdown()
    }

    @Test func jobsPostedBefore_run_andLaterOnesAreRefused() async throws {
        let rig = try Rig()
        let ran = Mailbox<Int>()
        for index in 0..<5_000 { rig.loop.post { _ in ran.append(index) } }
        await rig.loop.shutdown()
        #expect(ran.all == Array(0..<5_000))
        #expect(rig.loop.post { _ in ran.append(-1) } == false)
        #expect(await zeroMQError { try await rig.loop.run { _ in } }?.code == .loopClosed)
        #expect(ran.count == 5_000)
    }

    @Test func shutdownBySeveralTasksAndAgain_endsForAll() async throws {
        let rig = try Rig()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { await rig.loop.shutdown() } }
        }
        await rig.loop.shutdown()
        #expect(rig.loop.post { _ in } == false)
    }

    @Test func loopThatNobodyHolds_endsByItselfAndFreesItsAddress() async throws {
        let rig = try Rig()
        var forgotten: Loop? = try Loop(name: "forgotten")
        try await forgotten?.run { [endpoint = rig.endpoint()] context in try context.socket(.router).bind(endpoint) }
        #expect(await zeroMQError { _ = try await rig.bound(.router, to: rig.endpoint()) }?.code == .addressInUse)
        forgotten = nil
        try await eventually("the address is free", within: .seconds(5)) {
            try await rig.bound(.router, to: rig.endpoint())
        }
        await rig.loop.shutdown()
    }

    @Test func loopsStartedAndEndedManyTimes_leaveNothingOpen() async throws {
        let directory = try TemporaryDirectory()
        let before = openDescriptors()
        for _ in 0..<50 {
            let rig = try Rig("short", directory: directory)
            let heard = Mailbox<[[UInt8]]>()
            _ = try await rig.bound(.pull, to: rig.endpoint(), into: heard)
            let push = try await rig.connected(.push, to: rig.endpoint())
            try await rig.sendWhenWritable(push, [[1]])
            _ = await heard.first(within: .seconds(5))
            await rig.loop.shutdown()
        }
        // Other tests run at the same time; fifty loops that leaked would show hundreds.
        #expect(openDescriptors() < before + 250)
    }

    /// Each connection that ends is an event for a monitor, and the ends of both sides come while the loop is ending.
    @Test func connectionsThatEndWithTheLoop_holdUpNobody() async throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<250 {
            let rig = try Rig("busy", directory: directory)
            let heard = Mailbox<[[UInt8]]>()
            _ = try await rig.bound(.router, to: rig.endpoint(), into: heard)
            for index in 0..<20 {
                let dealer = try await rig.connected(.dealer, to: rig.endpoint())
                try await rig.loop.run { try dealer.value(in: $0).observeConnections() }
                try await rig.sendWhenWritable(dealer, [frame(index)])
            }
            #expect(await heard.reached(20, within: .seconds(5)))
            await rig.loop.shutdown()
        }
    }
}
