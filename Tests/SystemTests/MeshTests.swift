import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite("Several nodes", .timeLimit(.minutes(2)))
    struct MeshTests {
        /// How long a message may take from one node's command line to another's page.
        static let deadline = Duration.seconds(2)

        @Test func messages_crossTheMesh_andGoOnWithoutTheSeed() async throws {
            let a = try await TestNode.start()
            let b = try await TestNode.start(seeds: [a])
            try await Self.joined(b)
            try await Self.expect("from A to B", sentOn: a, on: [b])
            try await Self.expect("from B to A", sentOn: b, on: [a])

            let c = try await TestNode.start(seeds: [b])
            try await Self.joined(c)
            try await Self.expect("from A to B and C", sentOn: a, on: [b, c])
            try await Self.expect("from B to A and C", sentOn: b, on: [a, c])
            try await Self.expect("from C to A and B", sentOn: c, on: [a, b])

            try await a.kill()
            try await Self.expect("from B to C without A", sentOn: b, on: [c])
            try await Self.expect("from C to B without A", sentOn: c, on: [b])
        }

        @Test func send_withAPeer_saysThatASwitchTookIt() async throws {
            let a = try await TestNode.start()
            let b = try await TestNode.start(seeds: [a])
            try await Self.joined(b)
            let relayed = try await eventually("a receipt with a switch", within: .seconds(10)) { () -> Int? in
                let receipt = try await b.cli(["send", "counted \(UUID())", "--json"]).json().first
                return receipt?["relayed"].int.flatMap { $0 > 0 ? $0 : nil }
            }
            #expect(relayed == 1)
        }

        /// Waits until the node has a proven line: from then on it is part of the mesh.
        static func joined(_ node: TestNode) async throws {
            try await eventually("\(node.address) has a proven line", within: .seconds(5)) {
                try await node.status()["lines"]["proven"].int ?? 0 > 0
            }
        }

        static func expect(_ text: String, sentOn origin: TestNode, on others: [TestNode]) async throws {
            var tries = 0
            let taken = try await fastest(goal: deadline) {
                tries += 1
                let text = "\(text), \(tries)"
                return try await ContinuousClock().measure {
                    try await origin.send(text)
                    for other in others {
                        try await eventually("'\(text)' on the page of \(other.address)", within: .seconds(10)) {
                            try await other.page().contains(text)
                        }
                    }
                }
            }
            #expect(taken < deadline, "'\(text)'")
        }
    }
}
