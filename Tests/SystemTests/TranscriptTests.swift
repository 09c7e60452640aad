import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite("Recorded sessions", .timeLimit(.minutes(2)))
    struct TranscriptTests {
        /// A switch that nobody has proven an address to sends it at most this many times the bytes that came from there.
        static let amplification = 3
        /// And names at most this many others to it.
        static let addressesForStrangers = 4

        @Test(arguments: Vectors.transcriptNames)
        func replay_ofARecordedSession_leavesTheNodeAnsweringAndWithinItsRules(_ name: String) async throws {
            let node = try await TestNode.start()
            let before = Set(node.site.processes())
            var peers: [String: UDPPeer] = [:]
            var sent: [String: Int] = [:]
            for recorded in try Vectors.transcript(name) {
                let peer = try peers[recorded.from] ?? UDPPeer()
                peers[recorded.from] = peer
                sent[recorded.from, default: 0] += recorded.bytes.count
                try peer.send(recorded.raw, to: node.udpPort)
            }

            // Its answer to a newcomer's question comes after all of its answers to the recorded ones.
            let newcomer = try UDPPeer()
            try newcomer.send(#"{"+end":"\#(String(repeating: "a", count: 40))"}"#, to: node.udpPort)
            let answer = await newcomer.first(within: .seconds(5))
            #expect(answer != nil, "it still answers")
            #expect(Set(node.site.processes()) == before, "nothing died")

            for (from, peer) in peers {
                let received = peer.received.all
                let bytes = received.reduce(0) { $0 + $1.bytes.count }
                #expect(bytes <= (sent[from] ?? 0) * Self.amplification, "\(from) got \(bytes) bytes")
                for datagram in received { try Self.check(datagram, to: peer) }
            }
            try await node.send("still here")
        }

        /// What every telex to a stranger must keep to.
        static func check(_ datagram: UDPPeer.Datagram, to peer: UDPPeer) throws {
            #expect(datagram.bytes.count <= 1400, "never originate above 1400 bytes")
            let telex = try JSON(parsing: datagram.text)
            #expect(telex["_to"].string == "127.0.0.1:\(peer.port)")
            #expect(telex["_ring"].int.map { (1...32_768).contains($0) } ?? true)
            #expect((telex["_hop"].int ?? 0) <= 4)
            #expect((telex[".see"].array ?? []).count <= addressesForStrangers)
            for rule in telex[".tap"].array ?? [] {
                #expect(
                    rule["is"].object != nil && rule["has"].array != nil, "2011 switches die of a rule without both")
            }
        }
    }
}
