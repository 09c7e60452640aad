import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Every page as people get it: in both themes, wide and as narrow as a telephone.
    ///
    /// The pictures of all of them are under `.build/pages` afterwards.
    @Suite("Pages", .timeLimit(.minutes(5)))
    struct PageTests {
        private static let checks = Binaries.packageRoot + "/.build/checks"

        /// axe-core, which `Tests/run` installs.
        private static let axe: String? = try? String(
            contentsOfFile: checks + "/axe.min.js", encoding: .utf8)

        /// A node with one of everything, and the addresses of its pages by their names.
        private static func furnished() async throws -> (node: TestNode, pages: [(name: String, address: String)]) {
            let node = try await TestNode.start(arguments: ["--channel", "tweets", "--channel", "cats & dogs"])
            let lines = (1...55).map { "message number \($0), long enough to take two lines on a telephone at least." }
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.joined(separator: "\n").utf8))
            try #require(sent.status == 0, "\(sent.errorText)")
            let texts = [
                "https://example.org/a/long/address/" + String(repeating: "that-never-ends-", count: 20),
                "\u{202E}written from right to left \u{2066}and back", "مرحبا بالعالم، هذا جدار لا يملكه أحد",
                String(repeating: "W", count: 600), "Z" + String(repeating: "\u{30D}\u{327}\u{489}", count: 90),
                "<script>document.title = 'broken'</script><img src=x onerror=alert(1)>",
            ]
            for text in texts { try await node.send(text) }
            try await node.send("in a channel", ["--channel", "cats & dogs"])
            let hidden = try await node.send("not fit to be seen")
            try #require(try await node.cli(["hide", hidden]).status == 0)
            let friend = try await node.cli(["key", "new", "friend", "--json"]).json().first?["key"].string
            try await node.run([
                ["name", "Ada Lovelace"], ["pin", try #require(friend), "my neighbour"],
                ["send", "from next door", "--key", "friend"],
            ])
            let last = try await node.send("the last word, about a café")
            let key = try #require(try await node.cli(["show", last, "--json"]).json().first?["key"].string)
            let listed = try await node.cli(["list", "--json", "--limit", "50"]).json()
            let oldest = try #require(listed.last)
            let cursor = "\(Int(try #require(oldest["at"].number)))-\(try #require(oldest["id"].string))"
            let pages = [
                ("wall", "/tweets"), ("earlier", "/tweets?before=\(cursor)"),
                ("channel", "/channels/cats%20%26%20dogs"),
                ("empty-channel", "/channels/nobody"), ("author", "/authors/\(key)"), ("message", "/tweets/\(last)"),
                ("hidden", "/tweets/\(hidden)"), ("search-form", "/search"),
                ("search", "/search?q=message&channel=tweets&since=2011-01-01"), ("search-none", "/search?q=nothing"),
                ("search-wrong", "/search?q=-cats"), ("about", "/about"), ("not-found", "/nowhere"),
            ]
            return (node, pages)
        }

        @Test(
            .enabled(if: WebDriver.isInstalled && axe != nil, "Tests/run installs Chromium and axe-core"),
            arguments: [1280, 320], [false, true])
        func pages_areAccessible_andFitTheirWidth(_ width: Int, isDark: Bool) async throws {
            let axe = try #require(Self.axe)
            let (node, pages) = try await Self.furnished()
            let browser = try await WebDriver.start(in: node.site, width: width, height: 800, isDark: isDark)
            let album = Binaries.packageRoot + "/.build/pages"
            try FileManager.default.createDirectory(atPath: album, withIntermediateDirectories: true)
            for (name, address) in pages {
                try await browser.open("http://127.0.0.1:\(node.httpPort)\(address)")
                let found = try await browser.run(
                    axe + """
                        ;const found = await axe.run(document);
                        return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
                        """)
                #expect(found.array == [], "\(name): \(found)")
                let overflow = try await browser.run(
                    """
                    const room = document.documentElement.clientWidth + 0.5;
                    return [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > room
                      && !e.closest('.sr') && e.closest('article') === null).map((e) => e.outerHTML.slice(0, 120))
                      .concat(document.documentElement.scrollWidth > room ? ['the page itself'] : []);
                    """)
                #expect(overflow.array == [], "\(name): \(overflow)")
                #expect(try await browser.run("return document.title !== 'broken'") == .bool(true), "\(name)")
                #expect(try await isDarkPage(browser) == isDark, "\(name)")
                let picture = try await browser.screenshot()
                let file = "\(album)/\(name)-\(width)-\(isDark ? "dark" : "light").png"
                try picture.write(to: URL(filePath: file))
            }
            await browser.quit()
        }

        private func isDarkPage(_ browser: WebDriver) async throws -> Bool {
            let color = try await browser.run("return getComputedStyle(document.body).backgroundColor").string ?? ""
            return (color.split { !$0.isNumber }.compactMap { Int($0) }.first ?? 255) < 128
        }

        @Test(
            .enabled(
                if: FileManager.default.fileExists(atPath: checks + "/vnu.jar")
                    && (try? Binaries.installed("java")) != nil, "Tests/run installs the validator and Java"))
        func pages_areValidHTML() async throws {
            let (node, pages) = try await Self.furnished()
            var files: [String] = []
            for (name, address) in pages {
                let page = try await node.http.get(address)
                files.append(try node.site.directory.write(page.body, to: "\(name).html"))
            }
            let checked = try await node.site.run(
                Binaries.installed("java"),
                [
                    "-Xss1m", "-jar", Self.checks + "/vnu.jar", "--stdout",
                    // A message is an article of a few words, and they are the author's. A browser without fields for dates
                    // has one for words, and the node reads those.
                    "--filterpattern",
                    ".*(Article lacks heading|Unicode Normalization Form C|input type is not supported in all browsers).*",
                    "--exit-zero-always",
                ]
                    + files,
                within: .seconds(120))
            #expect(checked.text == "", "\(checked.text)")
            #expect(checked.status == 0, "\(checked.errorText)")
        }
    }
}
