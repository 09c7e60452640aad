import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The feeds as a reader of others understands them: feedparser, which `Tests/run` installs.
    @Suite("Feed readers", .timeLimit(.minutes(1)))
    struct FeedReaderTests {
        private static let python = Binaries.packageRoot + "/.build/checks/bin/python"

        /// Prints what is wrong with a feed, its title, and then of each entry the id, the time, the author and the text.
        private static let script = """
            import feedparser, html, json, re, sys
            feed = feedparser.parse(sys.stdin.buffer.read())
            entries = [{"id": e.id, "at": list(e.published_parsed)[:6], "author": e.author, "link": e.link, "title": e.title,
                        "tags": [t.term for t in e.tags], "text": (e.content[0].value if "content" in e else e.summary)}
                       for e in feed.entries]
            print(json.dumps({"bozo": repr(feed.get("bozo_exception", "")), "version": feed.version,
                              "self": [l.href for l in feed.feed.links if l.rel == "self"], "entries": entries}))
            """

        @Test(
            .enabled(if: FileManager.default.isExecutableFile(atPath: python), "Tests/run makes it"),
            arguments: ["atom", "rss"])
        func feed_ofHostileTexts_isReadAsItWasWritten(_ format: String) async throws {
            let node = try await TestNode.start()
            let texts = [
                "plain words", "]]><script>alert(1)</script>", "& &amp; <b>bold</b> \" '", "two\nlines",
                "\u{202E}right to left", "\u{1F980}" + String(repeating: "e\u{301}", count: 200),
            ]
            var ids: [String] = []
            for text in texts { ids.append(try await node.send(text)) }
            let response = try await node.http.get("/feed.\(format)")
            let read = try await node.site.run(Self.python, ["-c", Self.script], input: response.bytes)
            let feed = try #require(try read.json().first, "\(read.errorText)")
            #expect(feed["bozo"].string == "''", "well-formed, and of the type that it says")
            #expect(feed["version"].string == (format == "atom" ? "atom10" : "rss20"))
            #expect(feed["self"][0].string == "http://127.0.0.1:\(node.httpPort)/feed.\(format)")
            let entries = try #require(feed["entries"].array)
            #expect(entries.map { $0["id"].string } == ids.reversed().map { "tag:p2pmsg,2011:\($0)" })
            for (entry, (id, text)) in zip(entries, zip(ids, texts).reversed()) {
                let page = try #require(entry["link"].string)
                #expect(page.hasSuffix("/tweets/\(id)"))
                #expect(entry["tags"][0].string == "tweets")
                #expect(entry["at"].array?.count == 6)
                let shown = try #require(entry["text"].string)
                #expect(!shown.contains("<script") && !shown.contains("<b>"))
                let words = shown.replacingOccurrences(of: "<br />", with: "\n").replacingOccurrences(
                    of: "<br>", with: "\n"
                )
                .replacingOccurrences(of: "</?p>", with: "", options: .regularExpression)
                .replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
                .replacingOccurrences(of: "&quot;", with: "\"").replacingOccurrences(of: "&#39;", with: "'")
                .replacingOccurrences(of: "&amp;", with: "&")
                #expect(words == text)
            }
        }
    }
}
