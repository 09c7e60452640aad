import Foundation
import TestSupport
import Testing
import ZeroMQ

@Suite("Who is at the other end of a socket file", .timeLimit(.minutes(1)))
struct PeerTests {
    private static func identify(by rig: Rig, _ socket: LoopBound<Socket>, into heard: Mailbox<CurveUser?>) async throws
    {
        try await rig.loop.run { context in
            let socket = socket.value(in: context)
            socket.identifyPeer = { CurveUser(role: "user", name: "\($0)") }
            socket.onReceive = { [unowned socket] _ in heard.append(socket.sender) }
        }
    }

    @Test func peer_isItsProcessesUser() async throws {
        let rig = try Rig()
        let heard = Mailbox<CurveUser?>()
        let router = try await rig.bound(.router, to: rig.endpoint())
        try await Self.identify(by: rig, router, into: heard)
        let dealer = try await rig.connected(.dealer, to: rig.endpoint())
        try await rig.sendWhenWritable(dealer, [[1]])
        #expect(await heard.first(within: .seconds(5))?.element == CurveUser(role: "user", name: "\(getuid())"))
        await rig.loop.shutdown()
    }

    /// A peer says much about itself in its handshake; who it is it cannot.
    @Test func peerThatClaimsToBeSomebodyElse_isWhoItIs() async throws {
        let rig = try Rig()
        let heard = Mailbox<CurveUser?>()
        let router = try await rig.bound(.router, to: rig.endpoint())
        try await Self.identify(by: rig, router, into: heard)
        let peer = try RawPeer(unix: rig.directory.file("s"))
        let greeting =
            [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48)
        var ready = [5] + Array("READY".utf8)
        for (name, value) in [("Socket-Type", "DEALER"), ("Peer-Address", "x:4711:4711:1"), ("User-Id", "client/root")]
        {
            ready +=
                [UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, 0, UInt8(value.utf8.count)] + Array(value.utf8)
        }
        peer.send(greeting)
        #expect(peer.read(atMost: 64, within: .seconds(5)).bytes.count == 64)
        peer.send([4, UInt8(ready.count)] + ready + [0, 1, 7])
        #expect(await heard.first(within: .seconds(5))?.element == CurveUser(role: "user", name: "\(getuid())"))
        await rig.loop.shutdown()
    }

    @Test func socketOfAGroup_isOpenToItAlone() async throws {
        let rig = try Rig()
        var options = SocketOptions()
        options.ipcGroup = getegid()
        _ = try await rig.bound(.router, to: rig.endpoint("open"), options)
        _ = try await rig.bound(.router, to: rig.endpoint("closed"))
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: rig.directory.file(name))[.posixPermissions] as? Int
        }
        #expect(try mode("open") == 0o660)
        #expect(try mode("closed") == 0o600)
        #expect(try mode("open.lock") == 0o600)
        await rig.loop.shutdown()
    }
}
