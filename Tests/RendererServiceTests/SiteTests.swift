import Foundation
import Hummingbird
import Messages
import Testing

@testable import RendererService

@Suite struct SiteTests {
    @Test func everyResponse_hasTheSecurityHeaders() async throws {
        let fixture = try Fixture()
        try fixture.write(["x"])
        for path in ["/", "/tweets", "/nothing", "/livez", "/api/messages", "/assets/\(Asset.style.fileName)"] {
            let headers = try await fixture.request(path).headers
            let policy = try #require(headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(headers[.xContentTypeOptions] == "nosniff")
            #expect(headers[.referrerPolicy] == "same-origin")
            #expect(headers[.setCookie] == nil)
        }
    }

    @Test func pages_haveNoInlineScriptOrStyleAndNothingForeign() async throws {
        let fixture = try Fixture()
        let id = try fixture.write(["x"])[0].id.hex
        for path in ["/tweets", "/tweets/\(id)", "/authors/\(Fixture.alice.publicKey.text)", "/nothing"] {
            let html = try await fixture.page(path)
            #expect(!html.contains(" style=") && !html.contains("<style") && !html.contains("javascript:"))
            let scripts = Fixture.tags(in: html).filter { $0.hasPrefix("<script") }
            #expect(scripts == ["<script src=\"/assets/\(Asset.script.fileName)\" defer>"])
            for target in Fixture.values(of: "src", in: html) + Fixture.values(of: "href", in: html) {
                #expect(!target.hasPrefix("//") && !target.contains("://"))
            }
            let attributes = Fixture.tags(in: html).flatMap { $0.split(separator: " ").dropFirst() }
            #expect(!attributes.contains { $0.hasPrefix("on") && $0.contains("=") })
        }
    }

    @Test func assets_areServedForGoodUnderTheNameOfTheirContent() async throws {
        let fixture = try Fixture()
        let html = try await fixture.page("/tweets")
        for asset in Asset.all {
            #expect(html.contains("/assets/\(asset.fileName)"))
            let response = try await fixture.request("/assets/\(asset.fileName)")
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == asset.contentType)
            #expect(response.headers[.cacheControl]?.contains("immutable") == true)
        }
        #expect(try await fixture.request("/assets/wall.css").status == .notFound)
        #expect(try await fixture.request("/assets/..%2F..%2Fetc%2Fpasswd").status == .notFound)
    }

    @Test(arguments: [
        "/nothing", "/tweets/a/b", "/api", "/tweets%2F", "/%zz", "/assets", "//etc/passwd", "/tweets\u{FF}",
    ])
    func anUnknownAddress_isA404(path: String) async throws {
        let response = try await Fixture().request(path)
        #expect(response.status == .notFound)
        #expect(response.text.contains("Nothing here"))
    }

    @Test func aWrongMethod_isA405WithTheRightOnes() async throws {
        let fixture = try Fixture()
        let send = try await fixture.request("/send?message=x")
        #expect(send.status == .methodNotAllowed)
        #expect(send.headers[.allow] == "POST")
        #expect(fixture.wall.published.isEmpty)
        let wall = try await fixture.request("/tweets", method: .post)
        #expect(wall.status == .methodNotAllowed)
        #expect(wall.headers[.allow] == "GET, HEAD")
        let api = try await fixture.request("/api/messages", method: .delete)
        #expect(api.headers[.allow] == "GET, HEAD, POST")
        #expect(api.headers[.contentType] == "application/json")
    }

    @Test(arguments: ["/", "/tweets", "/nothing", "/livez", "/readyz", "/api/messages", "/events"])
    func head_answersAsGetWithoutABody(path: String) async throws {
        let fixture = try Fixture()
        let head = try await fixture.request(path, method: .head)
        #expect(head.body.readableBytes == 0)
        guard path != "/events" else { return }
        let get = try await fixture.request(path)
        #expect(head.status == get.status)
        #expect(head.headers[.contentType] == get.headers[.contentType])
        #expect(head.headers[.eTag] == get.headers[.eTag])
    }

    @Test func underABasePath_everythingLinksIntoIt() async throws {
        let fixture = try Fixture(base: "/some/wall/")
        let id = try fixture.write((0..<60).map { "m \($0)" })[59].id.hex
        #expect(try await fixture.request("/some/wall").headers[.location] == "/some/wall/tweets")
        for path in [
            "/some/wall/tweets", "/some/wall/tweets/\(id)", "/some/wall/authors/\(Fixture.alice.publicKey.text)",
        ] {
            let html = try await fixture.page(path)
            let targets = ["href", "src", "action", "data-events"].flatMap { Fixture.values(of: $0, in: html) }
                .filter { !$0.hasPrefix("#") && $0 != Asset.icon }
            #expect(targets.count > 5)
            for target in targets { #expect(target.hasPrefix("/some/wall/"), "\(target)") }
        }
        #expect(try await fixture.request("/tweets").status == .notFound)
        #expect(try await fixture.request("/some/wallpaper").status == .notFound)
        #expect(try await fixture.request("/livez").status == .ok)
        let sent = try await fixture.send(["message": "hello"], to: "/some/wall/send")
        #expect(sent.headers[.location]?.hasPrefix("/some/wall/tweets#") == true)
    }

    @Test func aPage_whenNothingHasChanged_is304() async throws {
        let fixture = try Fixture()
        try fixture.write(["one"])
        let first = try await fixture.request("/tweets")
        let tag = try #require(first.headers[.eTag])
        let second = try await fixture.request("/tweets", headers: [.ifNoneMatch: "\"other\", \(tag)"])
        #expect(second.status == .notModified)
        #expect(second.body.readableBytes == 0)
        fixture.wall.commit(try Fixture.message("two"))
        #expect(try await fixture.request("/tweets", headers: [.ifNoneMatch: tag]).status == .ok)
        #expect(
            try await fixture.request("/tweets?before=0-\(String(repeating: "0", count: 64))").headers[.eTag] != tag)
    }

    @Test func readiness_followsTheNode() async throws {
        let fixture = try Fixture()
        #expect(try await fixture.request("/readyz").status == .ok)
        fixture.wall.fail(with: .unavailable("the router does not answer"))
        let response = try await fixture.request("/readyz")
        #expect(response.status == .serviceUnavailable)
        #expect(response.text == "the router does not answer\n")
        #expect(try await fixture.request("/livez").status == .ok)
    }

    @Test func theFoot_countsMessages_andAsksOnlyWhenTheStoreMoved() async throws {
        let fixture = try Fixture()
        try fixture.write((0..<3).map { "m \($0)" })
        #expect(try await fixture.page("/tweets").contains("3 messages"))
        let before = fixture.wall.queries
        _ = try await fixture.page("/tweets")
        #expect(fixture.wall.queries == before + 1)
        fixture.wall.commit(try Fixture.message("x"))
        #expect(try await fixture.page("/tweets").contains("4 messages"))
    }

    @Test func metrics_countResponses() async throws {
        let fixture = try Fixture()
        _ = try await fixture.request("/nothing")
        #expect(
            fixture.renderer.counters.prometheusText().contains(
                "p2pmsg_renderer_http_request_seconds_count{route=\"none\",status=\"4xx\"} 1"))
    }

    @Test(arguments: ["/", "/wall"])
    func metrics_areNotServedToThePublic(base: String) async throws {
        let fixture = try Fixture(base: base)
        for path in [
            "/metrics", "/metrics/", "//metrics", "/%6detrics", "/wall/metrics", "/wall/metrics/", "/wall//metrics",
        ] {
            let response = try await fixture.request(path)
            #expect(response.status == .notFound, "\(path)")
            #expect(!response.text.contains("p2pmsg_renderer_"), "\(path)")
        }
    }

    @Test func emptyParameters_areNone() async throws {
        let fixture = try Fixture()
        try fixture.write(["one"])
        let all = try await fixture.page("/api/messages")
        let query = "q=&before=&channel=&author=&since=&limit="
        #expect(try await fixture.page("/api/messages?\(query)") == all)
        for path in [
            "/tweets", "/search", "/feed.atom", "/authors/\(Fixture.alice.publicKey.text)", "/channels/tweets",
        ] {
            #expect(try await fixture.request("\(path)?\(query)").status == .ok, "\(path)")
        }
        let sent = try await fixture.send(["message": "no channel", "channel": ""])
        #expect(sent.status == .seeOther)
    }

    @Test func aTargetThatIsTooLong_isA414() async throws {
        let response = try await Fixture().request("/tweets?x=" + String(repeating: "a", count: 5000))
        #expect(response.status.code == 414)
    }
}
