import Bus
import Foundation
import Hummingbird
import Messages
import ServiceRuntime
import Testing
import TextSearch

@testable import RendererService

@Suite struct SearchPageTests {
    private func address(_ fields: [(String, String)], feed: String = "") -> String {
        "/search\(feed)?" + fields.map { "\($0)=\(Percent.encoded($1))" }.joined(separator: "&")
    }

    @Test func page_withoutAQuery_isAForm() async throws {
        let response = try await Fixture(base: "/wall").request("/wall/search?q=")
        #expect(response.status == .ok)
        #expect(response.text.contains("<h1 class=\"title\" dir=\"auto\">Search</h1>"))
        #expect(response.text.contains("action=\"/wall/search\""))
        #expect(!response.text.contains("messages-title"))
    }

    @Test func page_listsWhatIsFound_withTheWordsMarked() async throws {
        let fixture = try Fixture()
        try fixture.write(["one café", "two", "CAFÉ <b>&amp; more"])
        let html = try await fixture.page(address([("q", "cafe")]))
        #expect(html.contains("one <mark>café</mark>"))
        #expect(html.contains("<mark>CAFÉ</mark> &lt;b&gt;&amp;amp; more"))
        #expect(!html.contains(">two<"))
        #expect(html.contains("id=\"messages-title\">2 messages</h2>"))
        #expect(
            html.contains(
                "id=\"find\" name=\"q\" placeholder=\"Search\" maxlength=\"256\" autocomplete=\"off\" value=\"cafe\""))
        #expect(html.contains("href=\"/search/feed.atom?q=cafe\""))
        // The page of the wall shows the same message without marks.
        #expect(!(try await fixture.page("/tweets").contains("<mark>")))
    }

    @Test func marks_insideAndAcrossAddresses_leaveThemWhole() throws {
        let search = SearchPattern(try SearchQuery("\"see example\" org"))
        let html = TextHTML.render("see https://example.org/org?x='org'\r\norg", marking: search)
        #expect(
            html == "see <a rel=\"nofollow noopener ugc\" href=\"https://example.org/org?x=&#39;org\">"
                + "https://example.<mark>org</mark>/<mark>org</mark>?x=&#39;<mark>org</mark></a>&#39;<br>\n<mark>org</mark>"
        )
        let whole = TextHTML.render("日http://例.jp本", marking: SearchPattern(try SearchQuery("日 http")))
        #expect(whole.contains("<mark>日http</mark>://例.jp本"))
    }

    @Test func page_narrowedByAuthorChannelAndTime_keepsThemInItsAddresses() async throws {
        let fixture = try Fixture()
        let cats = try Channel("cats & dogs")
        for number in 0..<60 {
            let at = Fixture.now - Int64(number) * 1000
            fixture.wall.commit(try Fixture.message("purr \(number)", on: cats, at: at))
            fixture.wall.commit(try Fixture.message("purr elsewhere", at: at))
            fixture.wall.commit(try Fixture.message("purr by another", by: Fixture.bob, on: cats, at: at))
        }
        let key = Fixture.alice.publicKey.text
        let fields = [("q", "purr"), ("author", key), ("channel", "#cats & dogs"), ("since", "2026-11-01")]
        let html = try await fixture.page(address(fields))
        #expect(html.contains("The newest 50 messages"))
        #expect(!html.contains("elsewhere") && !html.contains("by another"))
        #expect(html.contains("value=\"2026-11-01\"") && html.contains("<details open>"))
        let next = try #require(
            Fixture.values(of: "href", in: html).first { $0.contains("before=") }?
                .replacingOccurrences(of: "&amp;", with: "&"))
        #expect(next.hasPrefix("/search?q=purr&author=\(Percent.encoded(key))&channel=cats%20%26%20dogs&since=1"))
        let older = try await fixture.page(next)
        #expect(older.contains("10 earlier messages") && older.contains("purr</mark> 59"))

        let none = try await fixture.page(address([("q", "purr"), ("since", "\(Fixture.now + 1)")]))
        #expect(none.contains("Nothing found."))
    }

    /// Today at UTC+13 begins when it is yesterday at UTC.
    @Test func since_maySayHowLongAgo() async throws {
        let hours = try #require(Search.time("2h"))
        #expect(Search.time("0.5") == nil)
        #expect(abs(Timestamp.now - hours - 7_200_000) < 60_000)
        #expect(Search.time("yesterday") == nil)
    }

    @Test func since_isTheMidnightOfTheVisitor() async throws {
        let fixture = try Fixture()
        let hour: Int64 = 3_600_000
        let midnight: Int64 = 1_795_305_600_000  // 2026-11-22T00:00Z
        for (text, hours) in [("purr at +14", -14), ("purr at +13", -13), ("purr at 0", 0), ("purr at -3:30", 3)] {
            fixture.wall.commit(try Fixture.message(text, at: midnight + Int64(hours) * hour))
        }
        func found(_ zone: String?) async throws -> Int {
            let fields = [("q", "purr"), ("since", "2026-11-22")] + (zone.map { [("zone", $0)] } ?? [])
            let html = try await fixture.page(address(fields))
            #expect(html.contains("value=\"2026-11-22\""), "\(zone ?? "")")
            return (0..<4).count { html.contains(["at +14", "at +13", "at 0", "at -3:30"][$0]) }
        }
        #expect(try await found("+13:00") == 3)
        #expect(try await found("+00:00") == 2)
        #expect(try await found("-03:30") == 0)
        // Without a script the zone is not known: nothing of that day is missing wherever it is.
        #expect(try await found(nil) == 4)
        #expect(try await found("nonsense") == 4)
        // Programs have UTC.
        let found = try await fixture.request("/api/messages?q=purr&since=2026-11-22").text
        #expect(found.contains("at 0") && !found.contains("at +13"))
        // The next page is of the same day.
        let next = try await fixture.page(
            address([("q", "purr"), ("since", "\(midnight - 13 * hour)"), ("zone", "+13:00")]))
        #expect(next.contains("value=\"2026-11-22\""))
    }

    @Test(arguments: [
        (["q": "-purr"], "at least one word that must be there"), (["q": "?!"], "at least one word"),
        (["q": String(repeating: "x", count: 300)], "44 longer"),
        (["q": "x", "author": "me"], "Nobody here is “me”"),
        (["q": "x", "author": "a\u{202E}b"], "neither a key nor a name"),
        (["q": "x", "channel": "a/b"], "not the name of a channel"), (["q": "x", "since": "yesterday"], "2026-11-28"),
        (["author": "x"], "at least one word"),
    ])
    func whatCannotBeSearchedFor_isSaidBesideTheField(_ fields: [String: String], _ words: String) async throws {
        let fixture = try Fixture()
        let uri = address(fields.sorted { $0.key < $1.key })
        let response = try await fixture.request(uri)
        #expect(response.status == .badRequest)
        #expect(response.text.contains(words))
        #expect(response.text.contains("aria-invalid=\"true\""))
        #expect(fields["since"].map { response.text.contains("type=\"text\" value=\"\($0)\"") } ?? true)
        #expect(fields["q"].map { response.text.contains("value=\"\($0)\"") } ?? true)
        let feed = try await fixture.request(uri.replacing("/search?", with: "/search/feed.rss?"))
        #expect(feed.status == .badRequest)
    }

    @Test(arguments: hostileTexts)
    func hostileQueries_stayInTheirField(text: String) async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message(text))
        let html = try await fixture.page(address([("q", text)]))
        for tag in ["<script>", "<img", "<svg onload", "onmouseover=\"", "autofocus='"] {
            #expect(!html.contains(tag) || !text.contains(tag), "\(tag)")
        }
        #expect(html.components(separatedBy: "<form").count == 3)
    }

    @Test func feeds_areOfWhatIsFound() async throws {
        let fixture = try Fixture()
        try fixture.write(["a café", "nothing"])
        for format in FeedFormat.allCases {
            let response = try await fixture.request(address([("q", "cafe")], feed: "/\(format.fileName)"))
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == format.contentType)
            #expect(response.text.contains("a café") && !response.text.contains("nothing"))
            #expect(!response.text.contains("mark>"))
        }
    }

    @Test func api_searches() async throws {
        let fixture = try Fixture()
        try fixture.write(["a café", "nothing"])
        let found = try await fixture.request("/api/messages?q=CAFE&since=\(Fixture.now - 60_000)")
        #expect(found.text.contains("a café") && !found.text.contains("nothing"))
        let wrong = try await fixture.request("/api/messages?q=-x")
        #expect(wrong.status == .badRequest && wrong.text.contains("search_malformed"))
        #expect(try await fixture.request("/api/messages?since=x").text.contains("since_malformed"))
    }

    @Test func searchesOfOneVisitor_haveARate_ofThisMachineNone() async throws {
        let limits = VisitorLimits(nil)
        let visitor = Visitor.at(try #require(NetworkAddress("192.0.2.7")))
        let now = ContinuousClock.now
        for _ in 0..<Int(Limits.searchRate.burst) { try limits.admitSearch(of: visitor, now: now) }
        let problem = #expect(throws: Problem.self) { try limits.admitSearch(of: visitor, now: now) }
        #expect(problem?.status == .tooManyRequests && problem?.headers[.retryAfter] == "1")
        try limits.admitSearch(of: visitor, now: now + .seconds(1))
        try limits.admitSearch(of: .at(try #require(NetworkAddress("192.0.2.8"))), now: now)
        for _ in 0..<1_000 { try limits.admitSearch(of: .local, now: now) }
    }

    @Test func page_seenBefore_isNotSentAgain_untilSomethingIsFound() async throws {
        let fixture = try Fixture()
        try fixture.write(["a café"])
        let first = try await fixture.request(address([("q", "cafe")]))
        let tag = try #require(first.headers[.eTag])
        #expect(
            try await fixture.request(address([("q", "cafe")]), headers: [.ifNoneMatch: tag]).status == .notModified)
        try fixture.write(["another café"])
        #expect(try await fixture.request(address([("q", "cafe")]), headers: [.ifNoneMatch: tag]).status == .ok)
    }
}
