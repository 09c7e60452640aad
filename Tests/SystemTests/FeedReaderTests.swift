import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The feeds as readers of others understand them: feedparser and a schema's validator, which `Tests/run` installs.
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
                let words = shown.replacingOccurrences(
                    of: "</?p>|<br ?/?>", with: "", options: .regularExpression
                )
                .replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
                .replacingOccurrences(of: "&quot;", with: "\"").replacingOccurrences(of: "&#39;", with: "'")
                .replacingOccurrences(of: "&amp;", with: "&")
                #expect(words == text)
            }
        }

        /// Reads `{"schema", "feeds": {name: feed}}` and prints by each feed's name what is wrong with it.
        private static let validator = """
            import json, jsonschema_rs, sys
            given = json.load(sys.stdin.buffer)
            jsonschema_rs.meta.validate(given["schema"])
            validator = jsonschema_rs.validator_for(given["schema"], validate_formats=True)
            print(json.dumps({name: [f"{list(e.instance_path)}: {e.message:.200}" for e in validator.iter_errors(feed)]
                              for name, feed in given["feeds"].items()}))
            """

        /// What the schema says of each feed, by its name.
        private func faults(_ feeds: [String: Any], in site: TestSite) async throws -> [String: JSON] {
            let file = Binaries.packageRoot + "/Tests/Vectors/JSONFeed/feed-1.1.schema.json"
            let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
            let input = try JSONSerialization.data(withJSONObject: ["schema": schema, "feeds": feeds])
            let read = try await site.run(Self.python, ["-c", Self.validator], input: Array(input))
            return try #require(try read.json().first?.object, "\(read.errorText)")
        }

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: python), "Tests/run makes it"))
        func jsonFeeds_areAsTheSchemaSays() async throws {
            let node = try await TestNode.start(arguments: ["--channel", "tweets", "--channel", "cats & dogs"])
            let lines = (1...55).map { "message number \($0), \"quoted\" & <b>" }.joined(separator: "\n")
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.utf8))
            try #require(sent.status == 0, "\(sent.errorText)")
            let last = try await node.send("two\nlines", ["--channel", "cats & dogs"])
            let key = try #require(try await node.cli(["show", last, "--json"]).json().first?["key"].string)
            let paths = [
                "/feed.json", "/channels/cats%20%26%20dogs/feed.json", "/channels/nobody/feed.json",
                "/authors/\(key)/feed.json", "/search/feed.json?q=message", "/search/feed.json?q=nothing",
            ]
            var feeds: [String: Any] = [:]
            for path in paths {
                let response = try await node.http.get(path)
                #expect(response.status == 200, "\(path)")
                #expect(response.headers["content-type"] == "application/feed+json", "\(path)")
                feeds[path] = try JSONSerialization.jsonObject(with: Data(response.bytes))
            }
            for (path, faults) in try await faults(feeds, in: node.site) {
                #expect(faults.array == [], "\(path): \(faults)")
            }
            let wall = try #require(feeds["/feed.json"] as? [String: Any])
            let items = try #require(wall["items"] as? [[String: Any]])
            #expect(items.count == 50 && wall["next_url"] != nil)
            try await schema_saysWhatIsWrong(with: wall, item: try #require(items.first), in: node.site)
        }

        /// A schema that takes anything would find nothing.
        private func schema_saysWhatIsWrong(
            with wall: [String: Any], item: [String: Any], in site: TestSite
        ) async throws {
            func with(_ field: String, _ value: Any) -> [String: Any] { wall.merging([field: value]) { _, new in new } }
            var broken: [String: Any] = [
                "another version": with("version", "https://jsonfeed.org/version/1"),
                "an unknown field": with("item", [Any]()), "a relative address": with("feed_url", "/feed.json"),
                "no address": with("feed_url", "http://a b/"),
                "an item without text": with("items", [item.filter { !$0.key.hasPrefix("content_") }]),
                "an item without id": with("items", [item.filter { $0.key != "id" }]),
            ]
            for field in ["version", "title", "items"] { broken["no \(field)"] = wall.filter { $0.key != field } }
            for field in ["date_published", "tags", "authors", "url"] {
                broken["a wrong \(field)"] = with("items", [item.merging([field: "yesterday"]) { _, new in new }])
            }
            let found = try await faults(broken, in: site)
            #expect(found.count == broken.count)
            for (name, faults) in found { #expect(faults.array?.isEmpty == false, "\(name)") }
        }
    }
}
