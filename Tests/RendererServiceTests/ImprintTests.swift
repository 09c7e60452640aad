import Foundation
import Hummingbird
import ServiceRuntime
import TestSupport
import Testing

@testable import RendererService

/// What the operator says about the node.
@Suite struct ImprintTests {
    private static let title = "Rosi's <wall> & more"
    private static let rules = "Be kind.\r\nNo <script>alert(1)</script>\n\n \n\nMore at https://wall.example/rules"

    private static func imprint(_ contact: String = "rosi+wall@wall.example") -> Imprint {
        Imprint(title: title, contact: Contact(contact), rules: rules)
    }

    @Test func pages_haveNameContactAndRules_escaped() async throws {
        let fixture = try Fixture(base: "/wall", imprint: Self.imprint())
        let id = try fixture.write(["x"])[0].id.hex
        let escaped = "Rosi&#39;s &lt;wall&gt; &amp; more"
        for path in ["/tweets", "/tweets/\(id)", "/about", "/nothing", "/search"] {
            let html = try await fixture.page("/wall\(path)")
            #expect(html.contains(" · \(escaped)</title>"), "\(path)")
            #expect(html.contains("<bdi>\(escaped)</bdi></a>"), "\(path)")
            #expect(html.contains("href=\"mailto:rosi+wall@wall.example\""), "\(path)")
            #expect(html.contains("href=\"/wall/about#rules\""), "\(path)")
            #expect(!html.contains(Self.title) && !html.contains("<script>"), "\(path)")
        }
        let about = try await fixture.page("/wall/about")
        #expect(about.contains("<dd dir=\"auto\">\(escaped)</dd>"))
        #expect(about.contains("id=\"rules\""))
        #expect(about.contains("<p dir=\"auto\">Be kind.<br>\nNo &lt;script&gt;alert(1)&lt;/script&gt;</p>"))
        #expect(about.contains("href=\"https://wall.example/rules\">https://wall.example/rules</a></p>"))
    }

    @Test func aNodeWithoutThem_isCalledP2pmsg() async throws {
        let fixture = try Fixture()
        let html = try await fixture.page("/about")
        #expect(html.contains(" · p2pmsg</title>") && !html.contains("#rules") && !html.contains("Contact"))
    }

    @Test(arguments: FeedFormat.allCases)
    func feeds_haveNameContactAndRules(format: FeedFormat) async throws {
        let fixture = try Fixture(imprint: Self.imprint())
        try fixture.write(["x"])
        let text = try await fixture.page("/feed.\(format.rawValue)")
        if format == .json {
            let feed = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(feed["title"] as? String == Self.title)
            let authors = try #require(feed["authors"] as? [[String: String]])
            #expect(authors == [["name": Self.title, "url": "mailto:rosi+wall@wall.example"]])
            let own = try #require(feed["_p2pmsg"] as? [String: String])
            #expect(own["rules"] == "http://localhost/about#rules")
        } else {
            let document = FeedDocument(text)
            #expect(document.problem == nil)
            #expect(document.texts("title").first == Self.title)
            #expect(text.contains("rel=\"terms-of-service\"") && text.contains("href=\"http://localhost/about#rules\""))
            let contact = document.texts(format == .atom ? "email" : "managingEditor").first
            #expect(contact == (format == .atom ? "rosi+wall@wall.example" : "rosi+wall@wall.example (\(Self.title))"))
        }
        let channel = try await fixture.page("/channels/cats/feed.\(format.rawValue)")
        #expect(channel.contains("#cats · Rosi"))
    }

    @Test func anotherName_isAnotherPage() async throws {
        let first = try Fixture(imprint: Imprint(title: "one"))
        let second = try Fixture(imprint: Imprint(title: "one", rules: "two"))
        for path in ["/tweets", "/feed.atom", "/about"] {
            let tags = try await [first, second].asyncMap { try await $0.request(path).headers[.eTag] }
            #expect(tags[0] != nil && tags[0] != tags[1], "\(path)")
        }
    }

    @Test(
        arguments: [
            ("rosi@wall.example", "mailto:rosi@wall.example"), ("mailto:rosi@wall.example", "mailto:rosi@wall.example"),
            ("https://wall.example/me", "https://wall.example/me"), ("HTTP://wall.example", "HTTP://wall.example"),
            ("@rosi:matrix.example", nil), ("@rosi@social.example", nil), ("ask at the bar", nil),
            ("notanaddress", nil), ("https://", nil), ("https:///me", nil), ("https://wall.example/a b", nil),
            ("javascript:alert(1)", nil),
            ("rosi @wall.example", nil), ("rosi@wall.example?bcc=x", nil),
        ] as [(String, String?)])
    func aContact_isAnAddressOfMailOrOfTheWeb(text: String, link: String?) {
        #expect(Contact(text)?.link == link)
    }

    @Test(arguments: [
        ("--title", " "), ("--title", "a\nb"), ("--title", "a\u{202E}b"),
        ("--title", String(repeating: "a", count: 81)),
        ("--contact", ""), ("--contact", "notanaddress"), ("--contact", String(repeating: "a", count: 201)),
    ])
    func wordsThatCannotBeShown_areAUsageError(option: String, text: String) {
        #expect(throws: (any Error).self) { try RendererOptions.parse(["\(option)=\(text)"]) }
    }

    @Test func settings_haveThemToo() throws {
        let resolved = try ArgumentSources.resolve(
            arguments: ["--title=- mine -"], environment: ["P2PMSG_CONTACT": "a@b.example", "P2PMSG_TITLE": "no"],
            settings: RendererOptions.settings)
        let options = try RendererOptions.parse(resolved.arguments)
        #expect(options.title == "- mine -" && options.contact?.text == "a@b.example" && options.rules == nil)
    }

    @Test func rules_thatCannotBeRead_areFatalAndNamed() throws {
        let directory = try TemporaryDirectory()
        func failure(_ path: String) throws -> String {
            let options = try RendererOptions.parse(["--rules", path])
            let failure = try #require(throws: FailureReport.self) { try options.imprint() }
            #expect(failure.status == .usage)
            return failure.message
        }
        let missing = directory.file("missing")
        #expect(try failure(missing) == "cannot read the rules in \(missing): No such file or directory")
        for (name, text, problem) in [
            ("large", String(repeating: "a", count: 32_768 + 1), "larger than \(32_768) bytes"),
            ("empty", "\n \n", "are empty"),
        ] {
            try directory.write(text, to: name)
            #expect(try failure(directory.file(name)).contains(problem))
        }
        try Data([0x80]).write(to: URL(fileURLWithPath: directory.file("bytes")))
        #expect(try failure(directory.file("bytes")).contains("not text in UTF-8"))
        try directory.write("\u{FEFF}Be kind.", to: "rules")
        #expect(try RendererOptions.parse(["--rules", directory.file("rules")]).imprint().rules == "Be kind.")
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
