import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import RendererService

/// A page elsewhere whose name leads to this machine for a moment is, for its browser, of one origin with what it talks to.
@Suite struct PublicNamesTests {
    private static let rebound = ["Host": "evil.example", "Origin": "http://evil.example"]

    @Test func postsOfAPageThatWasLedHereByItsName_areRefused_andTheFlagIsNamed() async throws {
        let fixture = try Fixture()
        let signed = try Fixture.message("x").json(channel: nil, receivedAt: 0)
        try await fixture.serve { client in
            for _ in 0..<3 {
                let form = try await client.post(
                    "/send", form: ["message": "in the node's name"], headers: Self.rebound)
                #expect(form.status == 403 && form.body.contains("--public-name evil.example"), "\(form.body)")
                #expect(form.headers["access-control-allow-origin"] == nil)
            }
            for headers in [Self.rebound, ["Host": "evil.example:8080"], ["Host": "wall.example.evil.example"]] {
                let message = try await client.post("/api/messages", json: signed, headers: headers)
                #expect(message.status == 403 && message.body.contains("\"foreign_name\""), "\(message.body)")
            }
            // What a script of that page says about itself changes nothing: the browser says where it is from.
            let lying = Self.rebound.merging(["X-Forwarded-Host": "wall.example"]) { _, new in new }
            let status = try await client.post("/send", form: ["message": "x"], headers: lying).status
            #expect(status == 403)
            let read = try await client.get("/tweets", headers: Self.rebound)
            #expect(read.status == 200, "reading is for everybody")
        }
        #expect(fixture.wall.published.isEmpty)
    }

    @Test func posts_underTheWallsNames_localhostAndAddresses_areTaken() async throws {
        let fixture = try Fixture(names: ["wall.example", "Other.Example"])
        try await fixture.serve { client in
            for host in [
                "wall.example", "WALL.example:8080", "other.example", "localhost:8080", "127.0.0.1:8080", "192.0.2.7",
                "[::1]:8080", "[2001:db8::1]",
            ] {
                let headers = ["Host": host, "Origin": "http://\(host)"]
                let form = try await client.post("/send", form: ["message": "by \(host)"], headers: headers)
                #expect(form.status == 303, "\(host): \(form.body)")
            }
        }
    }

    @Test(arguments: [
        ("wall.example.org", true), ("localhost", true), ("xn--mnchen-3ya.de", true), ("a_b.example", true),
        ("", false), ("https://wall.example", false), ("wall.example:80", false), ("wall.example/", false),
        ("*.example", false), ("a..b", false), ("wall.example.", false), (String(repeating: "a.", count: 127), false),
    ])
    func aPublicName_isTheNameOfAHost(text: String, isName: Bool) {
        #expect((PublicName(text) != nil) == isName)
    }
}
