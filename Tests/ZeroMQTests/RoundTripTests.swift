import Synchronization
import TestSupport
import Testing
import ZeroMQ

@Suite("Messages go there and back", .timeLimit(.minutes(2)))
struct RoundTripTests {
    static let messages = 100_000
    static let window = 500

    @Test func dealerAndRouter_overIPC_keepOrderAndLoseNothing() async throws {
        let server = try Rig("server")
        let client = try Rig("client", directory: server.directory)
        _ = try await Self.echo(on: server, server.endpoint())
        #expect(try await Self.exchange(on: client, server.endpoint()) == nil)
        await client.loop.shutdown()
        await server.loop.shutdown()
    }

    @Test func dealerAndRouter_overInproc_keepOrderAndLoseNothing() async throws {
        let rig = try Rig()
        _ = try await Self.echo(on: rig, "inproc://echo")
        #expect(try await Self.exchange(on: rig, "inproc://echo") == nil)
        await rig.loop.shutdown()
    }

    @Test func pushWithoutWindow_isHeldBackByASlowReaderAndLosesNothing() async throws {
        let server = try Rig("server")
        let client = try Rig("client", directory: server.directory)
        let (done, finish) = AsyncStream.makeStream(of: String.self)
        _ = try await server.loop.run { [endpoint = server.endpoint()] context in
            let pull = try context.socket(.pull)
            try pull.bind(endpoint)
            var expected = 0
            pull.onReceive = { frames in
                if number(frames[0]) != expected { finish.yield("\(number(frames[0])) instead of \(expected)") }
                expected += 1
                if expected == Self.messages { finish.yield("done") }
            }
        }
        _ = try await client.loop.run { [endpoint = server.endpoint()] context in
            let push = try context.socket(.push)
            try push.connect(endpoint)
            Pump(push, count: Self.messages).run()
        }
        #expect(await done.first { _ in true } == "done")
        await client.loop.shutdown()
        await server.loop.shutdown()
    }

    @Test func publisher_sendsToSubscribersOfThePrefixOnly() async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        let joined = Mailbox<[[UInt8]]>()
        let publisher = try await rig.bound(.xpub, to: rig.endpoint(), into: joined)
        let subscriber = try await rig.connected(.sub, to: rig.endpoint(), into: heard)
        try await rig.loop.run { try subscriber.value(in: $0).subscribe(to: [7]) }
        #expect(await joined.first(within: .seconds(5))?.element == [[1, 7]])
        try await rig.loop.run { context in
            let publisher = publisher.value(in: context)
            publisher.send([[8, 1], [1]])
            publisher.send([[7, 1], [2]])
        }
        #expect(await heard.first(within: .seconds(5))?.element == [[7, 1], [2]])
        await rig.loop.shutdown()
    }

    @Test func framesOfAnySize_arriveAsTheyWere() async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        var random = SeededRandom(state: 1)
        let message = [0, 1, 29, 30, 255, 256, 65_536].map { random.bytes($0) }
        _ = try await rig.bound(.pull, to: rig.endpoint(), into: heard)
        let push = try await rig.connected(.push, to: rig.endpoint())
        try await rig.sendWhenWritable(push, message)
        #expect(await heard.first(within: .seconds(5))?.element == message)
        await rig.loop.shutdown()
    }

    /// A router that sends everything back.
    static func echo(on rig: Rig, _ endpoint: String) async throws -> LoopBound<Socket> {
        try await rig.loop.run { context in
            let router = try context.socket(.router)
            try router.bind(endpoint)
            router.onReceive = { [unowned router] frames in router.send(frames) }
            return LoopBound(router, in: context)
        }
    }

    /// Sends numbers with a window and expects them back in order; gives back what was wrong, or nil.
    static func exchange(on rig: Rig, _ endpoint: String, count: Int = messages) async throws -> String? {
        let (results, finish) = AsyncStream.makeStream(of: String?.self)
        try await rig.loop.run { context in
            let dealer = try context.socket(.dealer)
            try dealer.connect(endpoint)
            let pump = Pump(dealer, count: window)
            var expected = 0
            dealer.onReceive = { [unowned dealer] frames in
                if frames != [frame(expected), [1, 2, 3]] { finish.yield("\(frames) instead of \(expected)") }
                expected += 1
                if expected == count { finish.yield(nil) }
                let next = expected - 1 + window
                if next < count, dealer.send([frame(next), [1, 2, 3]]) != .sent { finish.yield("blocked at \(next)") }
            }
            pump.run()
        }
        for await result in results { return result }
        return "no result"
    }
}

/// Sends numbers as fast as the socket takes them.
final class Pump {
    private let socket: Socket
    private let count: Int
    private var next = 0

    init(_ socket: Socket, count: Int) {
        self.socket = socket
        self.count = count
    }

    func run() {
        while next < count, socket.send([frame(next), [1, 2, 3]]) == .sent { next += 1 }
        if next < count { socket.whenWritable { self.run() } }
    }
}
