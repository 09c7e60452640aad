import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// One host with more connections than the page takes.
    @Suite("A crowd from one host", .timeLimit(.minutes(2)))
    struct CrowdTests {
        private static let request = "GET /events HTTP/1.1\r\nHost: localhost\r\n"

        @Test(arguments: ["", request, request + "\r\n"])
        func fiveThousandConnectionsOfOneHost_leaveOthersServed(_ opening: String) async throws {
            let ops = try FreePort.tcp()
            // The router's is the port below the renderer's, and the receiver's the one above.
            let node = try await TestNode.start(arguments: ["--ops", "127.0.0.1:\(ops)"])
            try await node.send("read by everybody")
            let held = try await hold(5_000, at: node.httpPort, saying: opening)
            #expect(held.count == 5_000)
            let same = HTTPClient(.tcp(port: node.httpPort))
            let other = HTTPClient(.tcp(port: node.httpPort, from: "127.0.0.2"))
            for visitor in [same, other] {
                for _ in 0..<20 {
                    #expect(try await visitor.get("/tweets").body.contains("read by everybody"))
                    #expect(try await visitor.get("/readyz").status == 200)
                }
            }
            let stream = try await other.events("/events")
            #expect(stream.response.status == 200)
            let renderer = HTTPClient(.tcp(port: ops + 1))
            #expect(try await renderer.get("/readyz").status == 200)
            let metrics = try await renderer.get("/metrics").body
            #expect(metrics.contains(opening.hasSuffix("\r\n\r\n") ? "streams_refused_share" : "connections_displaced"))
            withExtendedLifetime(held) {}
        }

        /// Connections that are kept open, made by a thread.
        private func hold(_ count: Int, at port: UInt16, saying opening: String) async throws -> [RawPeer] {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(
                        with: Result {
                            try (0..<count).map { _ in
                                let peer = try RawPeer(tcp: port)
                                peer.send(Array(opening.utf8))
                                return peer
                            }
                        })
                }
            }
        }
    }
}
