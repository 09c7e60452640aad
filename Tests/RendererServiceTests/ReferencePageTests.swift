import Bus
import Foundation
import Hummingbird
import HummingbirdTesting
import Messages
import TestSupport
import Testing

@testable import RendererService

/// Messages and authors that a visitor gives by less than all their digits.
@Suite struct ReferencePageTests {
    private let fixture: Fixture
    private let message: SignedMessage
    private let key = Fixture.alice.publicKey

    init() throws {
        fixture = try Fixture(base: "/wall")
        message = try Fixture.message("hello from ada")
        fixture.wall.commit(message, author: AuthorName(claimed: try DisplayName("Ada"), pinned: nil))
        fixture.wall.commit(try Fixture.message("hello from bob", by: Fixture.bob))
    }

    /// Bob is called Ada too.
    private func addNamesake() throws {
        fixture.wall.commit(
            try Fixture.message("hello again", by: Fixture.bob),
            author: AuthorName(claimed: try DisplayName("Ada"), pinned: nil, namesake: key))
    }

    private func error(_ response: TestResponse) throws -> JSON { try JSON(parsing: response.text)["error"] }

    @Test func firstDigitsOfAnId_leadToTheMessage() async throws {
        let id = message.id.hex
        for text in [String(id.prefix(6)), String(id.prefix(63)), id.prefix(8).uppercased(), id.uppercased()] {
            let response = try await fixture.request("/wall/tweets/\(text)", headers: [.accept: "application/json"])
            #expect(response.status == .found, "\(text)")
            #expect(response.headers[.location] == "/wall/tweets/\(id)", "\(text)")
        }
    }

    @Test func digitsOfNoMessage_areNotFound() async throws {
        let other = (message.id.hex.hasPrefix("0") ? "1" : "0") + message.id.hex.dropFirst().prefix(7)
        let response = try await fixture.request("/wall/tweets/\(other)")
        #expect(response.status == .notFound)
        #expect(response.text.contains("no message whose id begins with \(other)"))
    }

    @Test(arguments: ["zzz", "3f2a9", "3f2a9x", String(repeating: "0", count: 65), "…", "%00"])
    func whatIsNoID_isSaidToBeNone(_ text: String) async throws {
        let path = "/wall/tweets/\(Percent.encoded(text))"
        let response = try await fixture.request(path)
        #expect(response.status == .notFound)
        #expect(response.text.contains("That is not the id of a message") && !response.text.contains("arrived"))
        let asked = try await fixture.request(path, headers: [.accept: "application/json"])
        #expect(try error(asked)["code"].string == "id_malformed")
    }

    @Test func digitsOfAKey_andANameOfOne_leadToTheAuthor() async throws {
        let digits = key.text.dropFirst("ed25519:".count)
        let address = "/wall/authors/\(key.text)"
        for text in [String(key.text.prefix(14)), String(digits.prefix(6)), MessageView.short(key), "Ada", " Ada "] {
            let path = "/wall/authors/\(Percent.encoded(text))"
            let response = try await fixture.request(path)
            #expect(response.status == .found && response.headers[.location] == address, "\(text)")
            let earlier = try await fixture.request("\(path)?before=5-\(message.id.hex)")
            #expect(earlier.headers[.location] == "\(address)?before=5-\(message.id.hex)", "\(text)")
            let feed = try await fixture.request("\(path)/feed.atom")
            #expect(feed.status == .found && feed.headers[.location] == "\(address)/feed.atom", "\(text)")
        }
    }

    @Test func nameOfNobody_isNotFound_andWhatIsNoNameIsSaidToBeNone() async throws {
        for (text, code, words) in [
            ("nobody", "author_not_found", "Nobody here is “nobody”"), ("ed255", "author_not_found", "first 6 digits"),
            ("a\u{202E}b", "author_malformed", "neither a key nor a name"),
        ] {
            let path = "/wall/authors/\(Percent.encoded(text))"
            let response = try await fixture.request(path)
            #expect(response.status == .notFound && response.text.contains(words), "\(text)")
            let asked = try await fixture.request(path, headers: [.accept: "application/json"])
            #expect(try error(asked)["code"].string == code)
        }
    }

    @Test func nameOfSeveral_isAChoice() async throws {
        try addNamesake()
        let response = try await fixture.request("/wall/authors/Ada")
        #expect(response.status == .multipleChoices)
        let keys = [key.text, Fixture.bob.publicKey.text].sorted()
        #expect(response.text.contains("“Ada” may be any of these."))
        #expect(
            Fixture.values(of: "href", in: response.text).filter {
                $0.contains("/authors/ed25519") && !$0.contains("?")
            }
            .prefix(2) == keys.map { "/wall/authors/\($0)" }[...])
        let later = try #require(response.text.components(separatedBy: "<li>").first { $0.contains("another’s name") })
        #expect(later.contains(Fixture.bob.publicKey.text), "who came later is marked")
        let asked = try await fixture.request("/wall/authors/Ada", headers: [.accept: "application/json"])
        #expect(asked.status == .multipleChoices)
        #expect(try error(asked)["candidates"].array?.compactMap { $0["key"].string } == keys)
    }

    @Test func idsThatBeginAlike_areAChoice() throws {
        let ids = try (1...2).map { try #require(MessageID(hex: "3f2a90" + String(repeating: "\($0)", count: 58))) }
        var problem = Problem.notFound
        problem.candidates = ids.map { .message($0) }
        #expect(try JSON(parsing: problem.json)["error"]["candidates"].array?.map { $0["id"].string } == ids.map(\.hex))
        let html = fixture.renderer.site.pages.problem(problem, foot: Pages.Foot())
        for id in ids { #expect(html.contains("<a href=\"/wall/tweets/\(id.hex)\">")) }
    }

    @Test(arguments: ["/search", "/search/feed.json", "/api/messages"])
    func search_takesThemForTheAuthor(_ path: String) async throws {
        let digits = String(key.text.dropFirst("ed25519:".count).prefix(6))
        for text in [digits, "Ada"] {
            let found = try await fixture.request("/wall\(path)?q=hello&author=\(text)")
            #expect(found.status == .ok)
            let text = found.text.replacing("<mark>", with: "").replacing("</mark>", with: "")
            #expect(text.contains("hello from ada") && !text.contains("hello from bob"))
        }
        try addNamesake()
        let several = try await fixture.request(
            "/wall\(path)?q=hello&author=Ada", headers: path == "/search" ? [:] : [.accept: "application/json"])
        #expect(several.status == .badRequest)
        if path == "/search" {
            // Each leads to the search that was meant.
            for key in [key, Fixture.bob.publicKey] {
                #expect(
                    several.text.contains("href=\"/wall/search?q=hello&amp;author=\(Percent.encoded(key.text))\""))
            }
            #expect(several.text.contains("value=\"Ada\"") && several.text.contains("“Ada” may be any of these."))
        } else {
            #expect(try error(several)["code"].string == "ambiguous")
            #expect(try error(several)["candidates"].array?.count == 2)
        }
    }
}

/// Numbers of things.
@Suite struct PluralTests {
    @Test func one_isOne_onEveryPage() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("hello")
        fixture.wall.commit(message)
        for path in [
            "/tweets", "/about", "/authors/\(message.key.text)", "/tweets/\(message.id.hex)", "/search?q=hello",
        ] {
            let html = try await fixture.page(path)
            let words = html.replacing(/<[^>]*>/, with: "")
            #expect(words.contains("1 message in store"), "\(path)")
            #expect(!words.contains(/\b1 (messages|authors)\b/), "\(path)")
        }
        #expect(try await fixture.page("/about").contains("1, by 1 author<"))
        fixture.wall.commit(try Fixture.message("hello", by: Fixture.bob))
        let about = try await fixture.page("/about").replacing(/<[^>]*>/, with: "")
        #expect(about.contains("2, by 2 authors") && about.contains("2 messages in store"))
        #expect(about.contains("#tweets 2 messages"))
    }
}
