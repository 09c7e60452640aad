import Foundation
import Hummingbird
import Messages
import Testing

@testable import RendererService

@Suite struct FeedTests {
    private let cats: Channel

    init() throws { cats = try Channel("cats") }

    private static let noncharacters = String(
        String.UnicodeScalarView([0xfffe, 0xffff, 0xfffd, 0xfdd0, 0x1fffe].compactMap { Unicode.Scalar($0 as UInt32) }))

    /// What feeds and XML cannot carry, and what would end an element, an attribute or a string.
    private static let hostile = [
        "]]><script>alert(1)</script>", noncharacters + " & < > \" '", "&lt;b&gt; &#0; &amp;amp;",
        "line\u{2028}separator \u{2029} \\\" \\u0000", String(repeating: "e\u{301}\u{327}", count: 120),
        "\n\n \u{FEFF}.\n",
        "<!--", "\u{202E}drawkcab", "a\tb\nc",
    ]

    @Test(arguments: FeedFormat.allCases)
    func feed_ofHostileTexts_isStillAFeed(format: FeedFormat) async throws {
        let fixture = try Fixture(base: "/wall")
        let written = try fixture.write(FeedTests.hostile)
        let response = try await fixture.request("/wall/feed.\(format.rawValue)")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == format.contentType)
        #expect(response.headers[.accessControlAllowOrigin] == "*")
        let texts: [String]
        let ids: [String]
        if format == .json {
            let feed = try #require(try JSONSerialization.jsonObject(with: Data(response.text.utf8)) as? [String: Any])
            let items = try #require(feed["items"] as? [[String: Any]])
            #expect(feed["version"] as? String == "https://jsonfeed.org/version/1.1")
            #expect(feed["feed_url"] as? String == "http://localhost/wall/feed.json")
            texts = items.compactMap { $0["content_text"] as? String }
            ids = items.compactMap { $0["id"] as? String }
            #expect(texts == written.reversed().map(\.text))
        } else {
            let document = FeedDocument(response.text)
            #expect(document.problem == nil, "\(document.problem ?? "")")
            texts = document.texts(format == .atom ? "content" : "description").filter { $0.hasPrefix("<p>") }
            ids = document.texts(format == .atom ? "id" : "guid").filter { $0.hasPrefix("tag:") }
            // What was text comes out as text when the HTML in it is read.
            #expect(texts.allSatisfy { !$0.contains("<script") && !$0.contains("<!--") })
            #expect(texts.contains { $0.contains("]]&gt;&lt;script&gt;alert(1)&lt;/script&gt;") })
        }
        #expect(texts.count == FeedTests.hostile.count)
        #expect(ids == written.reversed().map { "tag:p2pmsg,2011:\($0.id.hex)" })
    }

    @Test func feeds_ofAChannelAndAnAuthor_haveOnlyTheirs() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("meow", on: cats))
        fixture.wall.commit(try Fixture.message("by bob", by: Fixture.bob))
        for format in FeedFormat.allCases {
            let channel = try await fixture.page("/channels/cats/feed.\(format.rawValue)")
            #expect(channel.contains("meow") && !channel.contains("by bob"))
            let author = try await fixture.page("/authors/\(Fixture.bob.publicKey.text)/feed.\(format.rawValue)")
            #expect(author.contains("by bob") && !author.contains("meow"))
        }
        #expect(try await fixture.request("/authors/nobody/feed.atom").status == .notFound)
        #expect(try await fixture.request("/channels/%00/feed.rss").status == .notFound)
        #expect(try await fixture.request("/feed.xml").status == .notFound)
    }

    @Test func feed_thatIsLong_isContinued() async throws {
        let fixture = try Fixture()
        try fixture.write((0..<60).map { "message \($0)" })
        let text = try await fixture.page("/feed.json")
        let feed = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let next = try #require(feed["next_url"] as? String)
        let path = try #require(URL(string: next))
        let rest = try await fixture.page("\(path.path)?\(path.query ?? "")")
        #expect(rest.contains("\"message 9\"") && !rest.contains("\"message 10\""))
        #expect(try await fixture.page("/feed.atom").contains("<link rel=\"next\""))
    }

    @Test func feed_thatTheReaderHas_isNotSentAgain() async throws {
        let fixture = try Fixture()
        try fixture.write(["one", "two"])
        let first = try await fixture.request("/feed.atom")
        let tag = try #require(first.headers[.eTag])
        let changed = try #require(first.headers[.lastModified])
        #expect(changed == "Sun, 22 Nov 2026 19:49:59 GMT")
        for headers: HTTPFields in [[.ifNoneMatch: tag], [.ifModifiedSince: changed]] {
            let again = try await fixture.request("/feed.atom", headers: headers)
            #expect(again.status == .notModified)
            #expect(again.body.readableBytes == 0)
            #expect(again.headers[.eTag] == tag)
        }
        let both: HTTPFields = [.ifNoneMatch: "\"other\"", .ifModifiedSince: changed]
        #expect(try await fixture.request("/feed.atom", headers: both).status == .ok)
        fixture.wall.commit(try Fixture.message("three"))
        for headers: HTTPFields in [[.ifNoneMatch: tag], [.ifModifiedSince: changed]] {
            let again = try await fixture.request("/feed.atom", headers: headers)
            #expect(again.status == .ok)
            #expect(again.text.contains("three"))
            #expect(again.headers[.lastModified] == nil, "more may come in this second")
        }
    }

    /// The times of what is shown don't say that something isn't any more.
    @Test(arguments: ["/tweets", "/feed.rss", "/api/messages"])
    func change_thatNoMessageBrought_isSeenByItsTime(_ path: String) async throws {
        let fixture = try Fixture()
        let written = try fixture.write(["one", "two", "three"])
        func changed(_ known: String?) async throws -> String? {
            let headers: HTTPFields = known.map { [.ifModifiedSince: $0] } ?? [:]
            let response = try await fixture.request(path, headers: headers)
            #expect((response.status == .notModified) == (response.headers[.lastModified] == known))
            return response.headers[.lastModified]
        }
        let first = try #require(try await changed(nil))
        #expect(try await changed(first) == first)
        fixture.wall.hide(written[1].id)
        #expect(try await changed(first) == nil, "more may change in this second")
        fixture.clock.now += 1_000
        let second = try #require(try await changed(first))
        #expect(second > first, "both on one day")
        #expect(try await changed(second) == second)
        // It is as it was, and yet not what the reader of the second has.
        fixture.wall.show(written[1].id)
        fixture.clock.now += 1_000
        let third = try #require(try await changed(second))
        #expect(third > second)
        #expect(try await changed(third) == third)
    }

    @Test func about_hasATimeToo() async throws {
        let fixture = try Fixture()
        let about = try await fixture.request("/about")
        #expect(about.headers[.lastModified] == "Sun, 22 Nov 2026 19:49:50 GMT")
        fixture.wall.commit(try Fixture.message("one"))
        let headers: HTTPFields = [.ifModifiedSince: try #require(about.headers[.lastModified])]
        #expect(try await fixture.request("/about", headers: headers).status == .ok)
        #expect(try await fixture.request("/about", headers: headers).status == .ok)
    }

    @Test func page_whenAMessageIsHidden_isAnother() async throws {
        let fixture = try Fixture()
        let written = try fixture.write(["one", "two", "three"])
        let page = try await fixture.request("/tweets")
        let feed = try await fixture.request("/feed.rss")
        fixture.wall.hide(written[1].id)
        for (path, response) in [("/tweets", page), ("/feed.rss", feed)] {
            let again = try await fixture.request(path, headers: [.ifNoneMatch: response.headers[.eTag] ?? ""])
            #expect(again.status == .ok)
            #expect(!again.text.contains("two"))
        }
    }

    @Test func titles_areTheBeginningOnOneLine() throws {
        func title(_ text: String) throws -> String { title(of: try Fixture.message(text)) }
        func title(of message: SignedMessage) -> String {
            let stored = StoredMessage(message: message, receivedAt: Fixture.now, channel: nil)
            return FeedText(stored).title
        }
        #expect(try title("  one\n\ttwo ") == "one two")
        #expect(title(of: try Fixture.legacyMessage(" ")) == "…")
        #expect(try title(String(repeating: "a", count: 80)) == String(repeating: "a", count: 80))
        #expect(try title(String(repeating: "a", count: 81)) == String(repeating: "a", count: 80) + "…")
        // One character for Swift, and hundreds of bytes for everybody else.
        #expect(try title("e" + String(repeating: "\u{301}", count: 300)).unicodeScalars.count == 81)
    }

    @Test func dates_areThoseOfHTTP() {
        #expect(HTTPDate.text(1_795_377_000_000) == "Sun, 22 Nov 2026 19:50:00 GMT")
        #expect(HTTPDate.text(784_111_777_999) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(.max).hasSuffix("9999 23:59:59 GMT"))
        #expect(HTTPDate.text(.min).contains(" 0000 "))
        #expect(HTTPDate.milliseconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777_000)
        for wrong in ["", "Sun, 99 Nov 1994 08:49:37 GMT", "x y z a b c d e"] {
            #expect(HTTPDate.milliseconds(wrong) == nil)
        }
    }
}
