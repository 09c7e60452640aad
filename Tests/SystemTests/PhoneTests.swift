import TestSupport
import Testing

extension SystemTests {
    /// The wall on a telephone: a Chromium that is 360 wide.
    @Suite(
        "On a telephone", .timeLimit(.minutes(3)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct PhoneTests {
        private let node: TestNode
        private let browser: WebDriver

        init() async throws {
            node = try await TestNode.start(arguments: ["--channel", "tweets", "--channel", "cats"])
            browser = try await WebDriver.start(in: node.site, width: 360, height: 780)
        }

        private func open(_ path: String) async throws {
            try await browser.open("http://127.0.0.1:\(node.httpPort)\(path)")
            try await browser.wait(
                for: "the script has run", "return document.querySelector('.foot button') !== null")
        }

        @Test func time_takesTheRoomOfItsText_andNoLine() async throws {
            try await node.send("by nobody in particular")
            try await node.run([["name", "Ada"]])
            try await node.send("by Ada")
            try await node.run([["key", "new", "friend"], ["send", "by a friend", "--key", "friend"]])
            let friend = try await node.cli(["key", "show", "friend", "--json"]).json().first?["key"].string
            try await node.run([["pin", try #require(friend), "Grace"]])
            try await open("/tweets")
            let heads = try await browser.run(
                """
                const range = document.createRange();
                return [...document.querySelectorAll('.head')].map((head) => {
                  const time = head.querySelector('.time');
                  range.selectNodeContents(time);
                  const spare = time.getBoundingClientRect().width - range.getBoundingClientRect().width;
                  const author = head.querySelector('.author').getBoundingClientRect();
                  return [spare, time.getBoundingClientRect().top - author.top, head.clientHeight, head.textContent];
                });
                """)
            let all = try #require(heads.array)
            #expect(all.count >= 3)
            for head in all {
                #expect((head[0].number ?? 99) < 1, "wider than its text: \(head)")
                // Of whom there is more to say than the name, that and the time are a second line.
                let lines = head[3].string?.contains("Grace") == true ? 2.0 : 1
                #expect((head[2].number ?? 99) < lines * 32, "more than \(lines) lines: \(head)")
            }
            await browser.quit()
        }

        @Test func whatIsPressed_isLargeEnough() async throws {
            let lines = (1...55).map { "message number \($0)" }.joined(separator: "\n")
            try await node.run([["name", "Ada"], ["send", "--lines", "-"]], input: Array(lines.utf8))
            let id = try await node.send("in a channel", ["--channel", "cats"])
            let key = try #require(try await node.cli(["show", id, "--json"]).json().first?["key"].string)
            let main = [
                "#compose button[type=submit]", "textarea", "input", ".step", ".menu summary", ".brand", ".plain",
            ]
            let paths = [
                "/tweets", "/channels/cats", "/authors/\(key)", "/tweets/\(id)", "/search?q=message", "/about",
                "/nowhere",
            ]
            for path in paths {
                try await open(path)
                try await browser.run(
                    """
                    document.querySelector('button[aria-controls=keys]')?.click();
                    document.querySelectorAll('details:not(.menu)').forEach((e) => { e.open = true; });
                    document.querySelector('article .menu summary')?.click();
                    """)
                let small = try await browser.run(
                    """
                    const isIn = (e) => !e.closest('.skip, .text, [hidden]') && e.checkVisibility();
                    return [...document.querySelectorAll('a, button, input, textarea, summary')].filter(isIn)
                      .map((e) => [e.getBoundingClientRect(), e.matches(arguments[0]) ? 44 : 24, e])
                      .filter(([r, size]) => r.height < size - 0.01 || r.width < 23.99)
                      .map(([r, size, e]) => `${r.width} x ${r.height} of ${size}: ${e.outerHTML.slice(0, 120)}`);
                    """, [main.joined(separator: ",")])
                #expect(small.array == [], "\(path): \(small)")
            }
            await browser.quit()
        }
    }
}
