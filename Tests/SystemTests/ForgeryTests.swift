import Foundation
import Messages
import TelehashWire
import TestSupport
import Testing

extension SystemTests {
    /// What others say in a node's name, or through it, although its own people would not.
    @Suite("Forged and refused messages", .timeLimit(.minutes(3)))
    struct ForgeryTests {
        /// 3,000 datagrams a second with wrong signatures come to B, which has A's tap.
        @Test func forgeriesAtB_costBsPeopleNothingAtA() async throws {
            // B's people are no strangers.
            let a = try await TestNode.start(arguments: ["--stranger-rate", "off"])
            let b = try await TestNode.start(seeds: [a])
            try await MeshTests.joined(b)
            try await MeshTests.expect("before the flood", sentOn: b, on: [a])
            let flood = Task.detached { [port = b.udpPort] in try await Self.flood(port) }
            try await eventually("B has found forgeries", within: .seconds(10)) {
                try await b.status()["counters"]["signals_forged"].int ?? 0 > 100
            }
            let texts = (0..<43).map { "of B's people \($0)" }
            for text in texts { try await b.send(text) }
            try await eventually("all on A's wall", within: .seconds(20)) {
                let listed = try await a.cli(["list", "--limit", "200", "--json"]).json()
                return Set(listed.compactMap { $0["message"].string }).isSuperset(of: texts)
            }
            flood.cancel()
            let sent = try await flood.value
            let (atA, atB) = (try await a.status()["counters"], try await b.status()["counters"])
            let (found, leaked) = (atB["signals_forged"].int ?? 0, atA["signals_forged"].int ?? 0)
            print("threat: of \(sent) forgeries B judged \(found) and passed on \(leaked)")
            #expect(sent > 1_000 && found < sent / 2 && leaked <= 1_000, "\(sent), \(found), \(leaked)")
            #expect(atB["bringers_suspected"].int == 1)
            #expect(atB["bringer_throttled"].int ?? 0 > 0)
        }

        private static var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1_000) }

        /// - Returns: how many were sent until the task was cancelled.
        private static func flood(_ port: UInt16) async throws -> Int {
            let peer = try UDPPeer()
            let identity = Identity.generate(.ed25519)
            var signals = try identity.sign("genuine", channel: .tweets, at: Self.now).signals
            var sent = 0
            while !Task.isCancelled {
                for _ in 0..<30 {
                    signals["+message"] = "forged \(sent)"
                    try peer.send(Telex(signals: signals).encoded(), to: port)
                    sent += 1
                }
                _ = await peer.first(within: .milliseconds(10)) { _ in false }
            }
            return sent
        }

        @Test func messageOfABlockedAuthor_thatComesByTheAPI_isRefused_andOnNoWall() async throws {
            let a = try await TestNode.start()
            let b = try await TestNode.start(seeds: [a])
            try await MeshTests.joined(b)
            let (blocked, other) = (Identity.generate(.ed25519), Identity.generate(.ed25519))
            func post(_ text: String, by author: Identity) async throws -> Int {
                let message = try author.sign(text, channel: .tweets, at: Self.now)
                return try await b.http.post("/api/messages", json: message.json()).status
            }
            #expect(try await post("before the block", by: blocked) == 201)
            #expect(try await b.cli(["block", "\(blocked.publicKey)"]).status == 0)
            #expect(try await post("after the block", by: blocked) == 403)
            #expect(try await post("of another author", by: other) == 201)
            // What B had let out before would be there first.
            try await eventually("the other author's on A's wall", within: .seconds(10)) {
                try await a.page().contains("of another author")
            }
            let page = try await a.page()
            #expect(page.contains("before the block") && !page.contains("after the block"))
        }
    }
}
