import Bus
import BusClient
import Foundation
import Messages
import TestSupport
import Testing

extension SystemTests {
    /// Who is known to a node, and what those who are not may do.
    @Suite("Strangers", .timeLimit(.minutes(2)))
    struct StrangerTests {
        @Test func newStranger_isHeldToAFewMessages_elsewhereOnly_andStatusSaysSo() async throws {
            let a = try await TestNode.start()
            let b = try await TestNode.start(seeds: [a])
            try await MeshTests.joined(b)
            let lines = (0..<60).map { "line \($0)\n" }.joined()
            let sent = try await a.cli(["send", "--lines", "--json"], input: Array(lines.utf8))
            #expect(sent.status == 0, "\(sent.errorText)")
            let refused = try await eventually("B refuses the rest", within: .seconds(20)) { () -> Int? in
                let counters = try await b.status()["counters"]
                let refused = counters["bus_refused_stranger_rate"].int ?? 0
                return refused + (counters["bus_stored"].int ?? 0) >= 55 ? refused : nil
            }
            #expect((20...40).contains(refused))
            #expect(try await Self.count(on: a) == 60)
            #expect((20...40).contains(try await Self.count(on: b)))
            #expect(try await b.cli(["status"]).text.contains("messages of one new author beyond what is taken of one"))
        }

        @Test func whoWritesOnTheCommandLine_isKnown_visitorsAreNot_andReplicasShareIt() async throws {
            let node = try await ServicesNode.start()
            let posted = try await node.http.post(
                "/send", form: ["message": "from the page"], headers: node.ownForm)
            #expect(posted.status == 303)
            let sent = try await node.site.run(Binaries.client, ["send", "from the command line"])
            #expect(sent.status == 0, "\(sent.errorText)")
            let own = try await node.site.run(Binaries.client, ["key", "show"]).text.trimmingCharacters(in: .newlines)
            let replica = try node.site.start(
                Binaries.receiver, ["--store", node.site.directory.file("second.sqlite")])
            let client = try BusClient(bus: node.site.bus, name: "system-test")
            let known = try await eventually("both stores to know the author", within: .seconds(30)) {
                () -> [PublicKey]? in
                var known: [PublicKey] = []
                for store in try await client.stores() {
                    let answer = try await client.query(.rules(.known, after: nil, limit: 9), of: store)
                    guard case .rules(let rules, _) = answer.body else { return nil }
                    for case .known(let key) in rules.map(\.subject) { known.append(key) }
                }
                return known.count >= 2 ? known : nil
            }
            #expect(known.map(\.text) == [own, own])
            let exported = try await node.site.run(Binaries.client, ["export"])
            #expect(try exported.json().compactMap { $0["message"].string }.count == 2)
            await client.close()
            #expect(replica.isRunning)
        }

        private static func count(on node: TestNode) async throws -> Int {
            try await node.cli(["list", "--json", "--limit", "1000"]).json().count
        }
    }
}
