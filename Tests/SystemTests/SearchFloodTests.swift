import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Searches that cost a store as much as can be, against those who read pages.
    @Suite("Searches that cost", .timeLimit(.minutes(4)))
    struct SearchFloodTests {
        private static let flood = 2_400
        private static let phrase = "\"" + Array(repeating: "a b", count: 63).joined(separator: " ") + "\""

        private static func address(_ words: String) -> String {
            "/search?q=" + (words.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
        }

        /// What somebody got who asked again and again.
        private struct Visits: Sendable {
            var all = 0
            var good = 0
            var other: [Int: Int] = [:]

            mutating func add(_ status: Int, good isGood: Bool) {
                all += 1
                if isGood { good += 1 } else { other[status, default: 0] += 1 }
            }
        }

        @Test func pages_areReadWhileTheLaneOfSearchesIsFull() async throws {
            let node = try await TestNode.start(arguments: ["--trusted-proxy", "127.0.0.1/32"])
            let id = try await node.send("kept zebra")
            // Each is as full of two words as a message can be, and the phrase is in none.
            let run = Array(repeating: "a b", count: 62).joined(separator: " ") + " c "
            let lines = (0..<Self.flood).map { run + run + run + "\($0)" }.joined(separator: "\n")
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.utf8), within: .seconds(120))
            try #require(sent.status == 0, "\(sent.errorText.prefix(500))")

            let attack = Task { try await Self.attack(node, for: .seconds(8)) }
            var pages = Visits()
            let end = ContinuousClock.now + .seconds(8)
            let paths = ["/tweets", "/tweets/\(id)", "/api/messages?limit=5", "/feed.atom", "/readyz"]
            while ContinuousClock.now < end {
                let status = try await node.http.get(paths[pages.all % paths.count]).status
                pages.add(status, good: status == 200)
            }
            let searches = try await attack.value
            print("threat: costly searches: pages \(pages), searches of the attackers \(searches)")
            #expect(pages.all > 50)
            #expect(Double(pages.good) >= 0.99 * Double(pages.all), "\(pages)")
            #expect(searches.all > 30)
            // Nothing is left to be worked off.
            #expect(try await node.http.get("/tweets").status == 200)
            try await eventually("others find what they search for", within: .seconds(5)) {
                let found = try await node.http.get(Self.address("zebra"), headers: ["X-Forwarded-For": "198.51.100.1"])
                return found.status == 200 && found.body.contains("kept")
            }
        }

        /// Thirty at once from as many addresses, and then one a second.
        private static func attack(_ node: TestNode, for duration: Duration) async throws -> Visits {
            try await withThrowingTaskGroup(of: Int.self) { group in
                func search(_ number: Int) {
                    group.addTask {
                        let headers = ["X-Forwarded-For": "192.0.2.\(number)"]
                        return try await node.http.request(
                            "GET", address(phrase), headers: headers, within: .seconds(20)
                        ).status
                    }
                }
                for number in 1...30 { search(number) }
                for number in 0..<Int(duration / .seconds(1)) {
                    search(100 + number)
                    try await letTimePass(.seconds(1))
                }
                var visits = Visits()
                for try await status in group { visits.add(status, good: status == 200) }
                return visits
            }
        }
    }
}
