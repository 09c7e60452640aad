import Foundation
import TestSupport
import Testing

/// Seconds for which a reader sleeps: more than a page takes for a pause.
private let nap = Int(ProcessInfo.processInfo.environment["P2PMSG_NAP"] ?? "") ?? 40

extension SystemTests {
    /// The wall in a real Chromium.
    ///
    /// `P2PMSG_NAP=600` makes the sleeping reader sleep for ten minutes.
    @Suite(
        "In a browser", .timeLimit(.minutes(nap > 60 ? 15 : 3)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct BrowserTests {
        private let tweets = "8bf1cce916417d16b7554135b6b075fb16dd26ce"

        private func wall(of node: TestNode) -> String { "http://127.0.0.1:\(node.httpPort)/tweets" }

        @Test func message_signedInTheBrowser_isTheVisitors_andVerifies() async throws {
            let node = try await TestNode.start()
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open(wall(of: node))
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
            let text = "signed by a visitor: \u{1F980} \"quoted\" & <b>\nsecond line"
            try await browser.run("document.getElementById('text').value = arguments[0]", [text])
            try await browser.click("#compose button[type=submit]")
            try await browser.wait(
                for: "the message is on the page", "return document.querySelectorAll('article.message').length === 1")

            let listed = try await node.cli(["list", "--json"])
            let message = try #require(try listed.json().first)
            #expect(message["message"].string == text)
            let key = try #require(message["key"].string)
            #expect(try await browser.run("return document.getElementById('key-text').textContent").string == key)
            let verified = try await node.cli(["verify"], input: Array(listed.text.utf8))
            #expect(verified.status == 0, "\(verified.errorText)")
            #expect(try await browser.run("return document.getElementById('text').value").string == "")
            let seen = "const e = document.querySelector('article.message .text');"
            #expect(try await browser.run(seen + "return e.innerText").string == text, "no line twice")
            let lines = "e.clientHeight / parseFloat(getComputedStyle(e).lineHeight)"
            #expect(try await browser.run(seen + "return Math.floor(\(lines))").int == 2)

            // The key outlives the page, and nobody can read it.
            try await browser.open(wall(of: node))
            try await browser.wait(
                for: "the key is known", "return document.getElementById('key-text')?.textContent === '\(key)'")
            let isReadable = try await browser.run(
                """
                const db = await new Promise((done) => { const r = indexedDB.open('p2pmsg'); r.onsuccess = () => done(r.result); });
                const key = await new Promise((done) => {
                  const r = db.transaction('keys').objectStore('keys').get('own'); r.onsuccess = () => done(r.result); });
                if (key.sign.extractable) return true;
                return await crypto.subtle.exportKey('pkcs8', key.sign).then(() => true, () => false);
                """)
            #expect(isReadable == .bool(false))
            await browser.quit()
        }

        @Test func message_sentOnTheCommandLine_appearsWithinASecond_andWhatIsTypedStays() async throws {
            let node = try await TestNode.start()
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open(wall(of: node))
            try await browser.wait(
                for: "the page is live", "return document.getElementById('live').className.includes('on')")
            try await browser.type("half a thought", into: "#text")
            let taken = try await fastest(goal: .seconds(1)) {
                let id = try await node.send("hello from the command line")
                return try await ContinuousClock().measure {
                    try await browser.wait(for: "it is on the page", "return document.getElementById('\(id)') !== null")
                }
            }
            #expect(taken < .seconds(1))
            #expect(try await browser.run("return document.getElementById('text').value").string == "half a thought")
            try await browser.open(wall(of: node))
            #expect(try await browser.run("return document.getElementById('text').value").string == "half a thought")
            await browser.quit()
        }

        @Test func authorsPage_isLive_forThatAuthorOnly() async throws {
            let node = try await TestNode.start()
            try await node.awaitFeed()
            let first = try await node.send("mine")
            let key = try #require(try await node.cli(["show", first, "--json"]).json().first?["key"].string)
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open("http://127.0.0.1:\(node.httpPort)/authors/\(key)")
            try await browser.wait(
                for: "the page is live", "return document.getElementById('live').className.includes('on')")
            try #require(try await node.cli(["key", "new", "other"]).status == 0)
            let theirs = try await node.send("theirs", ["--key", "other"])
            let mine = try await node.send("mine, later")
            try await browser.wait(for: "it is on the page", "return document.getElementById('\(mine)') !== null")
            #expect(try await browser.run("return document.getElementById('\(theirs)')") == .null)
            await browser.quit()
        }

        @Test func reader_whoSleptThroughFiveHundredMessages_isOfferedThemOnWaking() async throws {
            let node = try await TestNode.start()
            try await node.awaitFeed()
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open(wall(of: node))
            try await browser.wait(
                for: "the page is live", "return document.getElementById('live').className.includes('on')")
            let lines = (1...500).map { "missed \($0)" }.joined(separator: "\n")
            async let asleep: Void = browser.suspend(for: .seconds(nap))
            let sent = try await node.cli(
                ["send", "--lines", "-"], input: Array(lines.utf8), within: .seconds(35))
            try #require(sent.status == 0, "\(sent.errorText)")
            try await asleep
            // They came faster than anybody reads: the page is told how many.
            try await browser.wait(
                for: "they are offered", "return / new$/.test(document.querySelector('.more')?.textContent)")
            try await browser.click(".more")
            let texts = "[...document.querySelectorAll('article.message .text')].map((e) => e.textContent)"
            try await browser.wait(for: "the newest is there", "return \(texts).includes('missed 500')")
            await browser.quit()
        }

        @Test(arguments: ["\n", "\r\n"])
        func keyFromAFile_ofTheCommandLine_writesAsTheSameAuthor(_ newline: String) async throws {
            let node = try await TestNode.start()
            try await node.send("on the command line")
            let exported = try await node.cli(["key", "export", "default"])
            try #require(exported.status == 0, "\(exported.errorText)")
            let file = node.site.directory.file("key.txt")
            let lines = exported.text.split(separator: "\n").joined(separator: newline)
            try (lines + newline).write(toFile: file, atomically: true, encoding: .utf8)
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open(wall(of: node))
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
            try await browser.click("button[aria-controls=keys]")
            try await browser.run("document.getElementById('key-file').hidden = false")
            try await browser.type(file, into: "#key-file")
            try await browser.wait(
                for: "the key is there", "return document.getElementById('key-text') !== null")
            try await browser.type("in the browser", into: "#text")
            try await browser.click("#compose button[type=submit]")
            try await browser.wait(
                for: "both are there", "return document.querySelectorAll('article.message').length === 2")
            let listed = try await node.cli(["list", "--json"]).json()
            #expect(Set(listed.compactMap { $0["key"].string }).count == 1)
            await browser.quit()
        }

        @Test func whatCannotBeSent_saysWhyNextToTheField() async throws {
            let node = try await TestNode.start(arguments: ["--visitor-rate", "0.01/1"])
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open(wall(of: node))
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
            let long = String(repeating: "x", count: 1_200)
            try await browser.run("document.getElementById('text').value = arguments[0]", [long])
            try await browser.click("#compose button[type=submit]")
            try await browser.wait(for: "the reason is shown", "return !document.getElementById('error').hidden")
            let error = try await browser.run("return document.getElementById('error').textContent").string ?? ""
            #expect(error.hasPrefix("Not sent: ") && error.hasSuffix("Your text is still here."), "\(error)")
            #expect(try await browser.run("return document.getElementById('text').value").string == long)
            #expect(try await browser.run("return document.activeElement.id").string == "text")
            await browser.quit()
        }

        @Test(arguments: [1280, 320], ["node", "browser"])
        func page_whileItLoads_movesNothingAndAsksForLittle(_ width: Int, _ posting: String) async throws {
            let node = try await Self.nodeWithHeadsOfAllLengths(["--post", posting])
            let browser = try await WebDriver.start(in: node.site, width: width, height: 700)
            try await browser.open(wall(of: node))
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
            let shift = try await browser.run(
                """
                return await new Promise((done) => {
                  let sum = 0;
                  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { sum += entry.value; }))
                    .observe({ type: 'layout-shift', buffered: true });
                  requestAnimationFrame(() => setTimeout(() => done(sum), 100));
                });
                """)
            #expect((shift.number ?? 1) < 0.01, "\(shift)")
            let requests = try await browser.run(
                "return performance.getEntriesByType('resource').filter((e) => !e.name.includes('/events')).map((e) => e.name)"
            )
            #expect((requests.array ?? []).count <= 2, "the page itself is the third: \(requests)")
            // Whether the script is faster than the first paint differs from run to run; what it does to times does not.
            let moved = try await browser.run(
                """
                const parts = [...document.querySelectorAll('.message, .head > *, .text')];
                const places = () => parts.map((part) => { const { x, y } = part.getBoundingClientRect(); return [x, y]; });
                const spelt = places();
                const given = new DOMParser().parseFromString(await (await fetch(location)).text(), 'text/html');
                for (const time of document.querySelectorAll('.time time')) {
                  const { id } = time.closest('article');
                  time.textContent = given.getElementById(id).querySelector('time').textContent;
                }
                const isMoved = ([x, y], i) => Math.hypot(x - spelt[i][0], y - spelt[i][1]) > 0.5;
                return places().map((place, i) => isMoved(place, i) && parts[i].outerHTML).filter(Boolean);
                """)
            #expect(moved.array == [], "\(moved)")
            let overflow = try await browser.run("return document.documentElement.scrollWidth <= innerWidth")
            #expect(overflow == .bool(true))
            await browser.quit()
        }

        /// Fifty messages in six channels, by an author with a short name, one without, and one with the longest.
        private static func nodeWithHeadsOfAllLengths(_ arguments: [String]) async throws -> TestNode {
            let channels =
                ["tweets"] + [6, 14, 22, 30, 38].map { String("a channel of so many characters: #######".prefix($0)) }
            let node = try await TestNode.start(arguments: arguments + channels.flatMap { ["--channel", $0] })
            let authors = ["default", "other", "third"]
            let lines = (1...8).map { "message \($0), long enough to take two lines on a telephone at least." }
            let input = Array(lines.joined(separator: "\n").utf8)
            let names = [
                ["key", "new", "other"], ["key", "new", "third"], ["name", "Ada"],
                ["name", String(repeating: "Wm", count: 22), "--key", "third"],
            ]
            let messages = channels.indices.map { index in
                ["send", "--lines", "-", "--key", authors[index % 3], "--channel", channels[index]]
            }
            try await node.run(names + messages, input: input)
            return node
        }

        @Test func withoutScript_theFormAndAllPagesWork() async throws {
            let node = try await TestNode.start()
            let first = try await node.send("already here")
            let browser = try await WebDriver.start(in: node.site, script: false)
            try await browser.open(wall(of: node))
            try await browser.type("written without a script", into: "#text")
            try await browser.click("#compose button[type=submit]")
            try await eventually("it is on the wall", within: .seconds(10)) {
                try await node.page().contains("written without a script")
            }
            let posted = try await node.cli(["list", "--json"]).json()
            #expect(posted.first?["message"].string == "written without a script")
            try await browser.open("http://127.0.0.1:\(node.httpPort)/tweets/\(first)")
            try await browser.click("header a.brand")
            await browser.quit()
        }
    }
}
