import HTTPTypes
import Hummingbird
import Messages
import Testing

@testable import RendererService

/// `Accept` and the conditions of a request, as RFC 9110 has them.
@Suite struct NegotiationTests {
    private static let json = "application/json"
    private static let html = "text/html"

    @Test(
        arguments: [
            (nil, html), ("", html), ("*/*", html), ("text/*", html), ("application/*", json), (json, json),
            ("application/json;q=0.1, text/html", html), ("text/html;q=0.5, application/json;q=0.9", json),
            ("application/json;q=0", nil), ("application/json;q=0, */*", html), ("text/html;q=0, */*;q=0.1", json),
            ("application/json, text/html", json), ("text/html, application/json", html),
            ("application/json, text/plain, */*", json), ("*/*;q=0.8, application/json;q=0.8", json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", html),
            ("APPLICATION/JSON ; charset=utf-8 ; Q=1", json), ("image/png", nil), ("*/*;q=0", nil),
            ("application/json;q=nonsense", json), ("nonsense, application/json", json),
        ] as [(String?, String?)])
    func theBestType_isWhatTheClientPrefers(accept: String?, type: String?) {
        var headers: HTTPFields = [:]
        headers[.accept] = accept
        #expect(Accept(headers).best(of: [Self.html, Self.json]) == type)
    }

    @Test func aMessage_isServedAsTheClientPrefers_andCachesAreTold() async throws {
        let fixture = try Fixture()
        let id = try fixture.write(["x"])[0].id.hex
        for (accept, type) in [
            ("application/json;q=0.2, text/html;q=0.1", Self.json), ("*/*", "text/html; charset=utf-8"),
        ] {
            let response = try await fixture.request("/tweets/\(id)", headers: [.accept: accept])
            #expect(response.headers[.contentType] == type)
            #expect(response.headers[.vary] == "Accept")
        }
        let none = try await fixture.request("/tweets/\(id)", headers: [.accept: "image/png"])
        #expect(none.status == .notAcceptable && none.headers[.vary] == "Accept")
        let missing = try await fixture.request("/nothing", headers: [.accept: Self.json])
        #expect(missing.headers[.contentType] == Self.json && missing.headers[.vary] == "Accept")
    }

    @Test func ifNoneMatch_isAListOfTags_orWhateverThereIs() async throws {
        let fixture = try Fixture()
        try fixture.write(["x"])
        let tag = try #require(try await fixture.request("/tweets").headers[.eTag])
        let strong = String(tag.dropFirst(2))
        for value in ["*", " * ", tag, strong, "\"a,b\" ,\(tag)", "W/\"x\",\(strong),\"y\""] {
            let response = try await fixture.request("/tweets", headers: [.ifNoneMatch: value])
            #expect(response.status == .notModified, "\(value)")
            #expect(response.headers[.eTag] == tag && response.headers[.cacheControl] == "no-cache")
        }
        for value in ["\"other\"", strong.replacing("\"", with: ""), "\"x,\(strong.dropFirst())", "W/\"\""] {
            #expect(try await fixture.request("/tweets", headers: [.ifNoneMatch: value]).status == .ok, "\(value)")
        }
    }

    @Test func ifMatch_ofAWeakTag_isNeverMet() async throws {
        let fixture = try Fixture()
        try fixture.write(["x"])
        let tag = try #require(try await fixture.request("/tweets").headers[.eTag])
        #expect(try await fixture.request("/tweets", headers: [.ifMatch: "*"]).status == .ok)
        for value in [tag, String(tag.dropFirst(2)), "\"other\""] {
            #expect(try await fixture.request("/tweets", headers: [.ifMatch: value]).status == .preconditionFailed)
        }
    }

    @Test func dates_countWhereNoTagIsGiven_inAllThreeForms() async throws {
        let fixture = try Fixture()
        try fixture.write(["x"])
        let changed = try #require(try await fixture.request("/tweets").headers[.lastModified])
        func status(_ headers: HTTPFields) async throws -> Int {
            try await fixture.request("/tweets", headers: headers).status.code
        }
        #expect(try await status([.ifModifiedSince: changed]) == 304)
        #expect(try await status([.ifModifiedSince: "Sun Nov 22 23:00:00 2026"]) == 304)
        #expect(try await status([.ifModifiedSince: "Sunday, 22-Nov-26 23:00:00 GMT"]) == 304)
        #expect(try await status([.ifModifiedSince: "Sunday, 06-Nov-94 08:49:37 GMT"]) == 200)
        #expect(try await status([.ifModifiedSince: "yesterday"]) == 200)
        #expect(try await status([.ifModifiedSince: changed, .ifNoneMatch: "\"other\""]) == 200)
        #expect(try await status([.ifUnmodifiedSince: changed]) == 200)
        #expect(try await status([.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"]) == 412)
        #expect(try await status([.range: "bytes=0-9"]) == 200, "parts are not served, and nobody has to ask for them")
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777_000),
            ("Sun Nov  6 08:49:37 1994", 784_111_777_000), ("Tuesday, 01-Dec-76 00:00:00 GMT", 3_374_006_400_000),
            ("Wednesday, 01-Dec-77 00:00:00 GMT", 249_782_400_000), ("Sun Nov 31 08:49:61 1994", nil), ("", nil),
            ("Sunday, 06-Nov-1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
            ("Sun Nov  6 08:49:37 +94", nil),
        ] as [(String, Int64?)])
    func aDate_isReadInEveryFormThatIsInUse(text: String, time: Int64?) {
        #expect(HTTPDate.milliseconds(text, now: Fixture.now) == time)
    }
}
