import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The running API against its own description, by schemathesis, which `Tests/run` installs.
    @Suite("OpenAPI", .timeLimit(.minutes(3)))
    struct OpenAPITests {
        private static let schemathesis = Binaries.packageRoot + "/.build/checks/bin/schemathesis"

        /// Not checked: that everything the description allows is taken. No schema can say what a signature has to be.
        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: schemathesis), "Tests/run makes it"))
        func api_isAsItsDescriptionSays() async throws {
            let node = try await TestNode.start()
            let lines = (1...60).map { "message number \($0)" }
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.joined(separator: "\n").utf8))
            try #require(sent.status == 0, "\(sent.errorText)")
            let site = "http://127.0.0.1:\(node.httpPort)"
            // It leaves notes where it is run.
            let checked = try await node.site.run(
                "/usr/bin/env",
                [
                    "-C", node.site.directory.path, Self.schemathesis, "--no-color", "run", site + "/api/openapi.json",
                    "--url", site, "--seed", "20261128",
                    "--exclude-checks", "positive_data_acceptance", "--phases", "examples,coverage,fuzzing",
                    "--max-examples", "50", "--generation-database", "none", "--request-timeout", "10",
                    "--header", "Accept: application/json",
                ], within: .seconds(150))
            #expect(checked.status == 0, "\(checked.text)\n\(checked.errorText)")
            #expect(checked.text.contains("Tested: 3"), "all that the description has: \(checked.text)")
        }

        @Test func description_saysEveryFieldOfAMessage() async throws {
            let node = try await TestNode.start()
            let id = try await node.send("described")
            let described = try await node.http.get("/api/openapi.json").json()
            let schema = described["components"]["schemas"]["Message"]
            let message = try await node.http.get("/tweets/\(id)", headers: ["Accept": "application/json"]).json()
            let keys = try #require(message.object?.keys)
            #expect(Set(keys) == Set(schema["required"].array?.compactMap(\.string) ?? []))
        }
    }
}
