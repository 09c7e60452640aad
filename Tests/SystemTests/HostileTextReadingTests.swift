import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// A thousand texts that want to be more than text, as programs read them.
    @Suite(
        "Hostile texts for programs", .timeLimit(.minutes(3)),
        .enabled(if: HostileTexts.areInstalled, "Tests/run installs the published ones"))
    struct HostileTextReadingTests {
        /// Reads what standard input says, `{"site", "texts": {id: text}, "plain": [id]}`, and prints how many texts each
        /// way of reading gave, and what was wrong.
        ///
        /// A permalink's elements and attributes, but for what is inside the text, have to be those of a plain message's.
        private static let script = #"""
            import feedparser, html.parser, http.client, json, re, sys, urllib.parse, xml.etree.ElementTree
            given = json.load(sys.stdin.buffer)
            texts, site = given["texts"], urllib.parse.urlsplit(given["site"])
            connection, wrong, counts = http.client.HTTPConnection(site.hostname, site.port), [], {}

            def get(path):
                connection.request("GET", path)
                response = connection.getresponse()
                body = response.read()
                if response.status != 200: wrong.append(f"{path}: {response.status}")
                return body

            class Page(html.parser.HTMLParser):
                """What surrounds the text, and the text. Lines are those that the reader of the page sees."""
                def __init__(self, source, is_part=False):
                    super().__init__(convert_charrefs=True)
                    self.shape, self.text, self.depth, self.strange = [], "", 1 if is_part else 0, []
                    self.is_after_break = False
                    self.feed(source)
                    self.close()
                def handle_starttag(self, tag, attributes):
                    names = [name for name, _ in attributes]
                    if self.depth and tag in ("br", "p") and not names:
                        self.text += "\n" if tag == "br" else ""
                        self.is_after_break = tag == "br"
                    elif self.depth:
                        values = dict(attributes)
                        is_link = tag == "a" and names == ["rel", "href"] and values["rel"] == "nofollow noopener ugc"
                        if not is_link or not re.match("https?://", values["href"], re.I): self.strange.append(tag)
                        self.depth += 1
                    else:
                        self.shape.append((tag, names))
                        if ("class", "text") in attributes: self.depth = 1
                def handle_endtag(self, tag):
                    if self.depth and tag not in ("br", "p"): self.depth -= 1
                def handle_data(self, data):
                    # A newline behind a break is none: styles make one line of both, and without styles it is a space.
                    if self.is_after_break: data = data.removeprefix("\n")
                    self.is_after_break = False
                    if self.depth: self.text += data
                def handle_comment(self, data): self.strange.append("a comment")
                handle_pi = unknown_decl = handle_comment

            def compare(way, found, shown=lambda text: text):
                counts[way] = len(found)
                for id, text in found.items():
                    if text != shown(texts.get(id, "nothing")): wrong.append(f"{way} {id}: {text!a:.80}")

            def markup(way, source, is_part=True):
                page = Page(source, is_part)
                if page.strange: wrong.append(f"{way}: {page.strange}")
                return page

            shapes = [markup(id, get(f"/tweets/{id}").decode(), False).shape for id in given["plain"]]
            pages = {id: markup(id, get(f"/tweets/{id}").decode(), False) for id in texts}
            compare("pages", {id: page.text for id, page in pages.items()})
            wrong += [f"page {id} has another shape" for id, page in pages.items() if page.shape not in shapes]

            path, found = "/api/messages?limit=100", {}
            while path:
                answer = json.loads(get(path))
                found |= {message["id"]: message["message"] for message in answer["messages"]}
                path = answer["next"] and "/api/messages?limit=100&before=" + answer["next"]
            compare("API", found)

            path, found, parsed = "/feed.json", {}, {}
            while path:
                feed = json.loads(get(path))
                for item in feed["items"]:
                    id = item["id"].split(":")[-1]
                    found[id], parsed[id] = item["content_text"], markup(id, item["content_html"]).text
                path = feed.get("next_url", "").removeprefix(given["site"])
            compare("feed.json", found)
            compare("feed.json as HTML", parsed)

            # XML has no way to say these two.
            in_xml = lambda text: text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
            for name in ["atom", "rss"]:
                path, found = f"/feed.{name}", {}
                while path:
                    source = get(path)
                    xml.etree.ElementTree.fromstring(source)
                    feed = feedparser.parse(source, sanitize_html=False, resolve_relative_uris=False)
                    if feed.bozo: wrong.append(f"{path}: {feed.bozo_exception!r}")
                    for entry in feed.entries:
                        content = entry.content[0].value if "content" in entry else entry.summary
                        id = entry.id.split(":")[-1]
                        found[id] = markup(f"{name} {id}", content).text
                    after = [link.href for link in feed.feed.links if link.rel == "next"]
                    path = after[0].removeprefix(given["site"]) if after else None
                compare(name, found, in_xml)
            print(json.dumps({"counts": counts, "wrong": wrong[:20]}))
            """#

        @Test func texts_thatAreHostile_areReadAsTheyWereWritten() async throws {
            let node = try await HostileTextTests.start()
            var texts = try await HostileTextTests.sendAll(to: node).texts
            // What stands in a channel has the channel's name beside it.
            var plain: [String] = []
            for flags in [[], ["--channel", HostileTextTests.channel]] {
                let id = try await node.send("plain words", flags)
                texts[id] = "plain words"
                plain.append(id)
            }
            let question: [String: Any] = [
                "site": "http://127.0.0.1:\(node.httpPort)", "plain": plain, "texts": texts,
            ]
            let input = try JSONSerialization.data(withJSONObject: question)
            let read = try await node.site.run(
                HostileTexts.python, ["-c", Self.script], input: Array(input), within: .seconds(90))
            let answer = try #require(try read.json().first, "\(read.errorText)")
            #expect(answer["wrong"].array == [], "\(answer["wrong"])")
            let ways = ["pages", "API", "feed.json", "feed.json as HTML", "atom", "rss"]
            let counts = Dictionary(uniqueKeysWithValues: ways.map { ($0, JSON.number(Double(texts.count))) })
            #expect(answer["counts"].object == counts)
        }

        @Test func events_ofHostileTexts_areReadAsTheyWereWritten() async throws {
            let node = try await HostileTextTests.start()
            try await node.awaitFeed()
            let page = try await node.page()
            var last = String(try #require(page.firstMatch(of: /data-last="([^"]*)"/)).1)
            var rest = try await HostileTexts.visible(in: node.site).map(\.text)[...]
            try #require(rest.count > 300)
            while !rest.isEmpty {
                // As many as a stream that comes back is sent.
                let texts = try await node.send(all: Array(rest.prefix(250)))
                rest = rest.dropFirst(250)
                let stream = try await node.http.events("/events?live=no", headers: ["Last-Event-ID": last])
                let end = await stream.first(within: .seconds(20)) { $0.name == "end" }
                #expect(end != nil)
                let events = stream.all.filter { $0.name == "message" }
                #expect(events.count == texts.count && stream.all.count == texts.count + 1, "nothing came between")
                for event in events {
                    let message = try JSON(parsing: event.data)
                    let text = try #require(texts[message["id"].string ?? ""])
                    let read = try #require(message["message"].string)
                    #expect(read.utf8.elementsEqual(text.utf8), "\(text.debugDescription)")
                    let article = try #require(message["html"].string)
                    #expect(article.hasPrefix("<article class=\"message\"") && article.hasSuffix("</article>\n"))
                    #expect(article.components(separatedBy: "<article").count == 2)
                }
                last = try #require(stream.lastID)
            }
        }
    }
}
