import Glibc
import TestSupport
import Testing
import ZeroMQ

@Suite("Peers that misbehave hurt only themselves", .timeLimit(.minutes(1)))
struct HostilePeerTests {
    @Test func rubbishBytes_onTheSocketFile_leaveOthersServed() async throws {
        let rig = try Rig()
        let router = try await RoundTripTests.echo(on: rig, rig.endpoint())
        try await rig.loop.run { try router.value(in: $0).observeConnections() }
        var random = SeededRandom(state: 2)
        for length in [1, 10, 64, 1_000, 100_000] {
            try RawConnection(path: rig.directory.file("s")).send(random.bytes(length))
        }
        // A greeting that begins well and goes on wrongly.
        try RawConnection(path: rig.directory.file("s")).send(
            [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8) + random.bytes(500))
        let client = try Rig("client", directory: rig.directory)
        #expect(try await RoundTripTests.exchange(on: client, rig.endpoint(), count: 2_000) == nil)
        #expect(try await rig.counters(router).connected >= 1)
        await client.loop.shutdown()
        await rig.loop.shutdown()
    }

    @Test func randomMessages_areHandedOverAndLeaveOthersServed() async throws {
        let rig = try Rig()
        let client = try Rig("client", directory: rig.directory)
        let router = try await RoundTripTests.echo(on: rig, rig.endpoint())
        let dealer = try await client.connected(.dealer, to: rig.endpoint())
        let ready = Mailbox<Void>()
        client.loop.post { dealer.value(in: $0).whenWritable { ready.append(()) } }
        _ = await ready.first(within: .seconds(5))
        try await client.loop.run { context in
            var random = SeededRandom(state: 3)
            for _ in 0..<1_000 {
                let frames = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    random.bytes(Int.random(in: 0...300, using: &random))
                }
                dealer.value(in: context).send(frames)
            }
        }
        let sent = try await client.counters(dealer).sent
        try await eventually("all of them are taken or counted", within: .seconds(5)) {
            let counters = try await rig.counters(router)
            return counters.received + counters.tooManyFrames == sent
        }
        #expect(try await rig.counters(router).tooManyFrames > 0)
        let other = try Rig("other", directory: rig.directory)
        #expect(try await RoundTripTests.exchange(on: other, rig.endpoint(), count: 2_000) == nil)
        for loop in [client.loop, other.loop, rig.loop] { await loop.shutdown() }
    }

    @Test func tenThousandFrames_areDroppedCountedAndTheNextMessageIsServed() async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        let pull = try await rig.bound(.pull, to: rig.endpoint(), into: heard)
        let push = try await rig.connected(.push, to: rig.endpoint())
        try await rig.sendWhenWritable(push, Array(repeating: [1], count: 10_000))
        try await eventually("it is counted", within: .seconds(5)) {
            try await rig.counters(pull).tooManyFrames == 1
        }
        try await rig.sendWhenWritable(push, Array(repeating: [2], count: ZeroMQLimits.framesPerMessage))
        #expect(await heard.first(within: .seconds(5))?.element.count == ZeroMQLimits.framesPerMessage)
        #expect(heard.count == 1)
        await rig.loop.shutdown()
    }

    @Test func frameBeyondTheLimit_disconnectsItsSenderOnly() async throws {
        let rig = try Rig()
        let heard = Mailbox<[[UInt8]]>()
        let pull = try await rig.bound(.pull, to: rig.endpoint(), into: heard)
        let bad = try await rig.connected(.push, to: rig.endpoint())
        let good = try await rig.connected(.push, to: rig.endpoint())
        try await rig.sendWhenWritable(good, [[1]])
        _ = await heard.first(within: .seconds(5))
        try await rig.sendWhenWritable(bad, [[UInt8](repeating: 0, count: ZeroMQLimits.frameBytes + 1)])
        try await eventually("the sender is disconnected", within: .seconds(5)) {
            try await rig.counters(pull).disconnected >= 1
        }
        try await rig.sendWhenWritable(good, [[2]])
        #expect(await heard.first(within: .seconds(5)) { $0 == [[2]] } != nil)
        #expect(heard.count == 2)
        await rig.loop.shutdown()
    }
}

/// A plain connection to a unix socket.
final class RawConnection {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw SystemError("connect to \(path)") }
    }

    deinit { close(descriptor) }

    /// As much as the other side takes: it may hang up at any time.
    func send(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
}
