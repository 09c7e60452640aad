import Bus
import Foundation
import Hummingbird
import Messages
import ServiceRuntime
import Testing

@testable import RendererService

@Suite struct SendTests {
    @Test func aForm_fromThisWall_isSignedWithTheNodesKeyAndShown() async throws {
        let fixture = try Fixture()
        let response = try await fixture.send(["message": "hello\r\nworld"])
        let message = try #require(fixture.wall.published.first)
        #expect(response.status == .seeOther)
        #expect(response.headers[.location] == "/tweets#\(message.id.hex)")
        #expect(message.text == "hello\nworld")
        #expect(message.isSignatureValid())
        #expect(message.at == Fixture.now)
        #expect(message.key == fixture.renderer.site.pen.publicKey)
        #expect(try await fixture.page("/tweets").contains("hello<br>\nworld"))
    }

    @Test func theNodesKey_isMadeOnceAndOnlyForItsOwner() async throws {
        let fixture = try Fixture()
        let path = fixture.directory.file("keys/\(Pen.keyName)")
        #expect(!FileManager.default.fileExists(atPath: path))
        _ = try await fixture.send(["message": "one"])
        _ = try await fixture.send(["message": "two"])
        #expect(Set(fixture.wall.published.map(\.key)).count == 1)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let again = Renderer(wall: fixture.wall, keys: fixture.directory.file("keys"))
        #expect(again.site.pen.publicKey == fixture.wall.published[0].key)
    }

    @Test func aForm_withAChannel_isSentThere() async throws {
        let fixture = try Fixture()
        _ = try await fixture.send(["message": "meow", "channel": "cats"])
        #expect(fixture.wall.published.first?.end == (try Channel("cats").end))
        let refused = try await fixture.send(["message": "meow", "channel": "a/b"])
        #expect(refused.status == .unprocessableContent)
        #expect(refused.text.contains("cannot have a slash"))
    }

    @Test(arguments: ["", "  ", "\r\n\t\u{A0}"])
    func anEmptyForm_isRefusedNextToTheField(text: String) async throws {
        let fixture = try Fixture()
        let response = try await fixture.send(["message": text])
        #expect(response.status == .unprocessableContent)
        #expect(response.text.contains("aria-describedby=\"error note\" aria-invalid=\"true\""))
        #expect(
            response.text.contains("<p class=\"error\" id=\"error\" role=\"alert\">There is nothing to send yet.</p>"))
        #expect(fixture.wall.published.isEmpty)
    }

    @Test func aTextThatIsTooLong_isRefusedWithTheExcessAndKept() async throws {
        let fixture = try Fixture()
        let fits = String(repeating: "a", count: Pen.textBytes)
        #expect(try await fixture.send(["message": fits]).status == .seeOther)
        let draft = fits + "é\n"
        let response = try await fixture.send(["message": draft])
        #expect(response.status == .unprocessableContent)
        #expect(response.text.contains("4 bytes too long"))
        #expect(response.text.contains("\n\(draft)</textarea>"))
    }

    @Test func aTextWithControlCharacters_isRefused() async throws {
        let response = try await Fixture().send(["message": "bell \u{7}"])
        #expect(response.status == .unprocessableContent)
        #expect(response.text.contains("control character U+0007"))
    }

    @Test func aTextThatNobodyStored_isKeptInTheField() async throws {
        let fixture = try Fixture()
        fixture.wall.fail(with: .unavailable("no receiver"))
        let response = try await fixture.send(["message": "keep me"])
        #expect(response.status == .serviceUnavailable)
        #expect(response.text.contains("\nkeep me</textarea>"))
        #expect(response.text.contains("role=\"alert\""))
    }

    @Test func aTextThatOnlyOthersHave_isSaidToBeThere_notHere() async throws {
        let fixture = try Fixture()
        let id = try Fixture.message("x").id
        fixture.wall.answerPublishing(with: Receipt(id: id, stored: [], relayed: 2, complete: false))
        let response = try await fixture.send(["message": "gone"])
        #expect(response.status == .accepted)
        #expect(response.text.contains("Passed on to 2 other nodes, which"))
        fixture.wall.answerPublishing(with: Receipt(id: id, stored: [], relayed: 1, complete: false))
        #expect(try await fixture.send(["message": "gone"]).text.contains("Passed on to 1 other node, which"))
        fixture.wall.answerPublishing(with: Receipt(id: id, stored: [], relayed: 0, complete: false))
        let nobody = try await fixture.send(["message": "gone"])
        #expect(nobody.status == .serviceUnavailable)
        #expect(nobody.text.contains("\ngone</textarea>"))
    }

    @Test func aTextThatWaitsForAStore_isSaidToWait_andIsNotOfferedToBeSentAgain() async throws {
        let fixture = try Fixture()
        let id = try Fixture.message("x").id
        fixture.wall.answerPublishing(
            with: Receipt(id: id, stored: [], relayed: 0, complete: false, hindrance: "no space left for the store /s"))
        let response = try await fixture.send(["message": "patience"])
        #expect(response.status == .accepted)
        #expect(response.text.contains("The message waits in this node"))
        #expect(!response.text.contains("patience</textarea>") && !response.text.contains("/s;"))
    }

    @Test func aKeyThatOthersCanRead_isNotUsed() async throws {
        let fixture = try Fixture()
        _ = try await fixture.send(["message": "one"])
        chmod(fixture.directory.file("keys/\(Pen.keyName)"), 0o644)
        let exposed = Renderer(wall: fixture.wall, keys: fixture.directory.file("keys"))
        let response = try await Application(responder: exposed.site).test(.router) { client in
            try await client.execute(
                uri: "/send", method: .post,
                headers: [.contentType: "application/x-www-form-urlencoded", .origin: "http://localhost"],
                body: ByteBuffer(string: "message=x"))
        }
        #expect(response.status == .internalServerError)
        #expect(response.text.contains("its log says why"))
        #expect(fixture.wall.published.count == 1)
    }

    @Test func aBodyThatIsNoForm_isRefused() async throws {
        let fixture = try Fixture()
        let type = try await fixture.request(
            "/send", method: .post, headers: [.origin: "http://localhost", .contentType: "text/plain"],
            body: "message=x")
        #expect(type.status == .unsupportedMediaType)
        let bytes = try await fixture.request(
            "/send", method: .post,
            headers: [.origin: "http://localhost", .contentType: "application/x-www-form-urlencoded"],
            body: "message=%FF")
        #expect(bytes.status == .badRequest)
        let long = try await fixture.send(["message": String(repeating: "a", count: 70_000)])
        #expect(long.status == .contentTooLarge)
        #expect(fixture.wall.published.isEmpty)
    }

    @Test func aForm_fromElsewhere_isRefused() async throws {
        let fixture = try Fixture()
        for origin in ["http://evil.example", "null", "https://localhost.evil.example", nil] {
            let response = try await fixture.send(["message": "x"], origin: origin)
            #expect(response.status == .forbidden, "\(origin ?? "none")")
        }
        #expect(fixture.wall.published.isEmpty)
    }
}

@Suite struct SameOriginTests {
    private func verdict(_ headers: HTTPFields, _ authority: String, scheme: String? = nil) throws -> Bool {
        let name = Site.Name(authority: try #require(Authority(authority)), scheme: scheme)
        return SameOrigin.objection(to: headers, site: name) == nil
    }

    @Test(arguments: [
        ("http://wall.example", "wall.example", nil, true),
        ("https://wall.example", "wall.example", nil, true),
        ("https://wall.example", "wall.example:443", nil, true),
        ("http://WALL.example:8080", "wall.EXAMPLE:8080", nil, true),
        ("http://[::1]:8080", "[::1]:8080", nil, true),
        ("https://wall.example", "wall.example", "https", true),
        ("http://wall.example", "wall.example", "https", false),
        ("https://wall.example", "wall.example", "http", false),
        ("http://wall.example:8081", "wall.example:8080", nil, false),
        ("http://wall.example", "wall.example:8080", nil, false),
        ("http://wall.example.evil", "wall.example", nil, false),
        ("http://evil@wall.example", "wall.example", nil, false),
        ("null", "wall.example", nil, false),
        ("", "wall.example", nil, false),
        ("file://", "wall.example", nil, false),
    ])
    func anOrigin_isComparedWithTheHost(origin: String, host: String, scheme: String?, isSame: Bool) throws {
        #expect(try verdict([.origin: origin], host, scheme: scheme) == isSame)
    }

    @Test func anOrigin_decidesBeforeEverythingElse() throws {
        #expect(try !verdict([.origin: "http://evil", .fetchSite: "same-origin", .referer: "http://wall/"], "wall"))
        #expect(try verdict([.origin: "http://wall", .referer: "http://evil/"], "wall"))
    }

    @Test func withoutAnOrigin_theFetchSiteDecides() throws {
        #expect(try verdict([.fetchSite: "same-origin"], "wall"))
        for other in ["same-site", "cross-site", "none", ""] {
            #expect(try !verdict([.fetchSite: other, .referer: "http://wall/"], "wall"), "\(other)")
        }
    }

    @Test func withoutBoth_theRefererDecides() throws {
        #expect(try verdict([.referer: "http://wall/tweets?x=http://evil"], "wall"))
        #expect(try !verdict([.referer: "http://evil/http://wall/"], "wall"))
        #expect(try !verdict([:], "wall"))
        #expect(SameOrigin.objection(to: [.origin: "http://wall"], site: nil) != nil)
    }

    @Test func twoOrigins_areRefused() throws {
        var headers: HTTPFields = [:]
        headers[values: .origin] = ["http://wall", "http://wall"]
        #expect(try !verdict(headers, "wall"))
    }

    @Test func forwardedNames_areBelievedOnlyFromTrustedPeers() throws {
        let renderer = try Fixture(trusted: ["10.0.0.0/8", "fd00::/8"]).renderer
        let request = Request(
            head: HTTPRequest(
                method: .post, scheme: nil, authority: "127.0.0.1:8080", path: "/send",
                headerFields: [.forwardedHost: "inner.example, wall.example", .forwardedProto: "https"]),
            body: RequestBody(buffer: ByteBuffer()))
        func name(_ address: String) -> Site.Name? {
            let peer = NetworkAddress(address).map { Peer.ip($0, text: address) } ?? .unknown
            return renderer.site.proxies.site(of: request, from: peer)
        }
        let wall = Site.Name(authority: try #require(Authority("wall.example")), scheme: "https")
        let direct = Site.Name(authority: try #require(Authority("127.0.0.1:8080")), scheme: nil)
        #expect(name("10.1.2.3") == wall)
        #expect(name("fd12::1") == wall)
        #expect(name("::ffff:10.1.2.3") == wall)
        #expect(renderer.site.proxies.site(of: request, from: .local) == wall)
        #expect(name("11.1.2.3") == direct)
        #expect(name("fe80::1") == direct)
        #expect(renderer.site.proxies.site(of: request, from: .unknown) == direct)
    }
}
