import Foundation
import NIOPosix
import ServiceRuntime
import TestSupport
import Testing

@testable import RendererService

/// Connections of which something comes too late, or is over too early.
@Suite(.timeLimit(.minutes(1))) struct LateComersTests {
    private static let host = "Host: localhost\r\n"

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The system hands them over, with what they said, but says no more whose they were.
    @Test func connectionsThatWereReset_areNobodysAndWriteNothing() async throws {
        let fixture = try Fixture(visitorRate: Rate(perSecond: 0.01, burst: 1))
        let port = try FreePort.tcp()
        let count = 100
        let requests = try (0..<count).map { number in
            let body = try PostLimitTests.json("\(number)")
            return "POST /api/messages HTTP/1.1\r\n\(Self.host)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        try await fixture.serve(at: port) { client in
            // Nobody is taken while they come and go.
            let hold = DispatchSemaphore(value: 0)
            let threads = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
            for thread in threads { thread.execute { hold.wait() } }
            for request in requests {
                let peer = try RawPeer(tcp: port)
                peer.send(Array(request.utf8))
                peer.resetAtEnd()
            }
            for _ in threads { hold.signal() }
            try await eventually("all are taken", within: .seconds(10)) {
                fixture.renderer.counters.snapshot()["connections_gone"] == UInt64(count)
            }
            let status = try await client.get("/livez").status
            #expect(status == 200)
        }
        #expect(fixture.wall.published.isEmpty)
    }

    /// They would cost a connection each for ten seconds, and no message.
    @Test func bodiesThatDoNotCome_areFewOfOneVisitor_andTheOthersAreToldAtOnce() async throws {
        let fixture = try Fixture()
        let port = try FreePort.tcp()
        let form =
            "X-Forwarded-For: 192.0.2.1\r\nContent-Type: application/x-www-form-urlencoded\r\nOrigin: http://localhost\r\nContent-Length: 9"
        try await fixture.serve(at: port) { _ in
            let peers = try (0..<40).map { _ in try RawPeer(tcp: port, from: "127.0.0.9") }
            for peer in peers { peer.send(Array("POST /send HTTP/1.1\r\n\(Self.host)\(form)\r\n\r\n".utf8)) }
            var refused: [RawPeer] = []
            for peer in peers {
                let answer = text(peer.read(atMost: 12, within: .milliseconds(100)).bytes)
                if answer == "HTTP/1.1 429" { refused.append(peer) } else { #expect(answer.isEmpty) }
            }
            #expect(refused.count == 40 - Limits.visitorBodies)
            let other = try RawPeer(tcp: port, from: "127.0.0.8")
            other.send(Array("POST /send HTTP/1.1\r\n\(Self.host)\(form)\r\n\r\nmessage=x".utf8))
            #expect(text(other.read(atMost: 12, within: .seconds(5)).bytes) == "HTTP/1.1 303")
        }
    }

    /// What is left of a request that is answered is no slow head.
    @Test func bodyThatComesAfterTheAnswer_leavesTheConnectionAlone() async throws {
        let fixture = try Fixture()
        try await fixture.serve { _ in
            let peer = try RawPeer(unix: fixture.directory.file("http"))
            let head =
                "POST /send HTTP/1.1\r\n\(Self.host)Origin: http://elsewhere.example\r\nContent-Length: 9\r\n\r\n"
            peer.send(Array(head.utf8))
            #expect(text(peer.read(within: .milliseconds(500)).bytes).hasPrefix("HTTP/1.1 403 "))
            peer.send(Array("message=x".utf8))
            let silence = peer.read(within: .seconds(Limits.headSeconds + 3))
            #expect(silence.bytes.isEmpty && !silence.isClosed, "\(text(silence.bytes))")
            peer.send(Array("GET /livez HTTP/1.1\r\n\(Self.host)\r\n".utf8))
            #expect(text(peer.read(atMost: 12, within: .seconds(5)).bytes) == "HTTP/1.1 200")
        }
    }
}
