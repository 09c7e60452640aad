import Foundation
import Messages
import TelehashWire
import TestSupport
import Testing

extension SystemTests {
    @Suite("The programs of 2011", .timeLimit(.minutes(2)))
    struct LegacyTests {
        @Test func clientTelexes_sentRawToOneNode_areOnEveryPage_markedAsWeaklySigned() async throws {
            let (a, b) = try await Self.pair()
            let client = try UDPPeer()
            let telexes = try GoldenData.clientTelexes
            try #require(telexes.count == 9)
            for telex in telexes { try client.send(telex.raw, to: a.udpPort) }
            for telex in telexes {
                let message = try telex.message
                for node in [a, b] {
                    let found = try await eventually("\(telex.testDescription) on \(node.address)", within: .seconds(5))
                    {
                        try await Self.shown(message.id, on: node)
                    }
                    #expect(found["message"].string == message.text)
                    #expect(found["scheme"].string == "2011")
                    #expect(found["at"] == .null)
                    let page = try await node.http.get("/tweets/\(message.id)").body
                    #expect(page.contains("2011"), "the page says that it is weakly signed")
                }
            }
            for node in [a, b] {
                let wall = try await node.page()
                for telex in telexes { #expect(wall.contains(try telex.message.id.hex)) }
            }
        }

        @Test func clientTelexes_alteredByOneCharacter_areOnNoPage() async throws {
            let (a, b) = try await Self.pair()
            let client = try UDPPeer()
            let telexes = try GoldenData.clientTelexes
            for telex in telexes { try client.send(try telex.altered, to: a.udpPort) }
            // What comes after them on the same road shows that they have been dealt with.
            let last = try #require(telexes.last)
            try client.send(last.raw, to: a.udpPort)
            for node in [a, b] {
                let good = try last.message.id
                try await eventually("the good one", within: .seconds(5)) { try await Self.shown(good, on: node) }
                let listed = try await node.cli(["list", "--json"]).json()
                #expect(listed.map { $0["id"].string } == [good.hex])
            }
        }

        @Test func receiver_thatKnowsOnlyA_getsWhatBPublishes_andItsPostsReachBoth() async throws {
            let (a, b) = try await Self.pair()
            let server = try Server2011(seedPort: a.udpPort)
            try await server.start()
            try #require(
                await server.hasLine(within: .seconds(5)), "A answers a stranger's +end with a ring")
            try await eventually("A holds its tap", within: .seconds(5)) {
                // One is B's own.
                try await a.status()["taps"]["theirs"].int ?? 0 >= 2
            }

            try await b.send("published on B", ["--scheme", "2011"])
            let signals = try #require(await server.message("published on B", within: .seconds(10)))
            #expect(try SignedMessage(signals: Signals(signals)).isSignatureValid())

            let recorded = try #require(try GoldenData.clientTelexes.first).message
            let fresh = try Identity.generate(.legacy).sign("posted in 2011, été ☃", channel: .tweets, at: 0)
            for message in [recorded, fresh] {
                try await server.post(message)
                for node in [a, b] {
                    try await eventually("its post on \(node.address)", within: .seconds(10)) {
                        try await Self.shown(message.id, on: node)
                    }
                }
                // Its own page shows its posts only as the echo.
                #expect(await server.message(message.text, within: .seconds(10)) != nil)
            }
        }

        /// Switches of that time end, or garble it: who writes in their scheme is told so.
        @Test func textBeyondASCII_inTheOldScheme_isSentWithAWord() async throws {
            let node = try await TestNode.start()
            for (text, scheme, isTold) in [("été", "2011", true), ("summer", "2011", false), ("été", "ed25519", false)]
            {
                let sent = try await node.cli(["send", text, "--scheme", scheme])
                #expect(sent.status == 0, "\(sent.errorText)")
                #expect(sent.errorText.contains("U+00E9") == isTold, "\(text) in \(scheme): \(sent.errorText)")
            }
        }

        /// Two nodes that have found each other.
        static func pair() async throws -> (TestNode, TestNode) {
            let a = try await TestNode.start()
            let b = try await TestNode.start(seeds: [a])
            try await MeshTests.joined(a)
            try await MeshTests.joined(b)
            return (a, b)
        }

        static func shown(_ id: MessageID, on node: TestNode) async throws -> JSON? {
            let answer = try await node.http.get("/tweets/\(id.hex)", headers: ["Accept": "application/json"])
            return answer.status == 200 ? try answer.json() : nil
        }
    }
}
