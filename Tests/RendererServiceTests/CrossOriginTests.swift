import Hummingbird
import Messages
import Testing

@testable import RendererService

/// What pages of other sites may do: read everything, write nothing.
@Suite struct CrossOriginTests {
    private static let elsewhere: HTTPFields = [.origin: "https://elsewhere.example"]

    @Test func whatIsRead_mayBeReadFromAnywhere_errorsToo() async throws {
        let fixture = try Fixture()
        let id = try fixture.write(["x"])[0].id.hex
        let key = Fixture.alice.publicKey.text
        for path in [
            "/", "/tweets", "/tweets/\(id)", "/authors/\(key)", "/channels/cats", "/search?q=x", "/about",
            "/feed.atom", "/feed.rss", "/feed.json", "/search/feed.atom?q=x", "/api/messages", "/api/openapi.json",
            "/livez", "/readyz", "/assets/\(Asset.style.fileName)",
            "/nothing", "/tweets/00", "/api/messages?limit=0", "/api/messages?before=x", "/tweets?before=x",
        ] {
            for method in [HTTPRequest.Method.get, .head] {
                let response = try await fixture.request(path, method: method, headers: Self.elsewhere)
                #expect(response.headers[.accessControlAllowOrigin] == "*", "\(method) \(path)")
            }
        }
        let events = try await fixture.request("/events", method: .head, headers: Self.elsewhere)
        #expect(events.headers[.accessControlAllowOrigin] == "*")
        let tag = try #require(try await fixture.request("/api/messages").headers[.eTag])
        var headers = Self.elsewhere
        headers[.ifNoneMatch] = tag
        let known = try await fixture.request("/api/messages", headers: headers)
        #expect(known.status == .notModified && known.headers[.accessControlAllowOrigin] == "*")
        fixture.wall.fail(with: .unavailable("gone"))
        let failed = try await fixture.request("/api/messages", headers: Self.elsewhere)
        #expect(failed.status == .serviceUnavailable && failed.headers[.accessControlAllowOrigin] == "*")
        #expect(failed.headers[.accessControlExposeHeaders]?.contains("Retry-After") == true)
    }

    @Test func options_areAnswered_andAllowReadsOnly() async throws {
        let fixture = try Fixture()
        var headers = Self.elsewhere
        headers[.accessControlRequestMethod] = "GET"
        headers[.accessControlRequestHeaders] = "if-none-match"
        for path in ["/tweets", "/api/messages", "/events", "/feed.json"] {
            let response = try await fixture.request(path, method: .options, headers: headers)
            #expect(response.status == .noContent)
            #expect(response.headers[.allow]?.contains("OPTIONS") == true)
            #expect(response.headers[.accessControlAllowOrigin] == "*")
            #expect(response.headers[.accessControlAllowMethods] == "GET, HEAD")
            let allowed = try #require(response.headers[.accessControlAllowHeaders])
            #expect(allowed.contains("If-None-Match") && !allowed.contains("Content-Type") && !allowed.contains("*"))
        }
        let send = try await fixture.request("/send", method: .options, headers: headers)
        #expect(send.status == .noContent && send.headers[.allow] == "POST, OPTIONS")
        #expect(send.headers[.accessControlAllowOrigin] == nil)
        #expect(try await fixture.request("/nothing", method: .options).status == .notFound)
    }

    @Test func posts_fromElsewhere_areRefused_andTellElsewhereNothing() async throws {
        let fixture = try Fixture()
        let form = try await fixture.send(["message": "x"], origin: "https://elsewhere.example")
        #expect(form.status == .forbidden && form.headers[.accessControlAllowOrigin] == nil)
        let message = try await fixture.request(
            "/api/messages", method: .post, headers: Self.elsewhere, body: "{}")
        #expect(message.status == .forbidden && message.headers[.accessControlAllowOrigin] == nil)
        #expect(fixture.wall.published.isEmpty)
    }
}
