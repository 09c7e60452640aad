import TestSupport
import Testing

extension SystemTests {
    /// Pages of one wall in one Chromium, which has six connections for them.
    @Suite(
        "One stream a browser", .timeLimit(.minutes(3)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct StreamTests {
        /// Tabs that hold the stream, and those that would take it over.
        private static let locks = """
            const { held, pending } = await navigator.locks.query();
            const count = (locks) => new Set(locks.filter(({ name }) => name.endsWith('/events')).map((l) => l.clientId)).size;
            return [count(held), count(pending)];
            """
        private static let isLive = "return document.getElementById('live').className.includes('on')"

        private let node: TestNode
        private let browser: WebDriver
        private var wall: String { "http://127.0.0.1:\(node.httpPort)/tweets" }

        init() async throws {
            node = try await TestNode.start()
            try await node.awaitFeed()
            browser = try await WebDriver.start(in: node.site)
        }

        /// Opens the wall in so many tabs.
        private func openTabs(_ count: Int) async throws -> [String] {
            var tabs: [String] = []
            for number in 1...count {
                tabs.append(try await browser.openTab())
                try await browser.open(wall)
                try await browser.wait(for: "tab \(number) is live", Self.isLive)
            }
            return tabs
        }

        private func awaitLocks(_ held: Double, _ pending: Double) async throws {
            try await eventually("\(held) have the stream, and \(pending) wait", within: .seconds(10)) {
                try await browser.run(Self.locks).array == [.number(held), .number(pending)]
            }
        }

        private func expect(_ id: String, in tabs: [String]) async throws {
            for (index, tab) in tabs.enumerated() {
                try await browser.turn(to: tab)
                try await browser.wait(
                    for: "tab \(index + 1) has the message", "return document.getElementById('\(id)') !== null")
            }
        }

        @Test func sevenTabs_areAllLiveAndPost_withOneStream() async throws {
            let tabs = try await openTabs(7)
            try await awaitLocks(1, 6)
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
            try await browser.type("from the seventh", into: "#text")
            try await browser.click("#compose button[type=submit]")
            let first = "document.querySelector('article.message .text').textContent"
            try await browser.wait(for: "it is on the page", "return \(first) === 'from the seventh'")
            for tab in tabs {
                try await browser.turn(to: tab)
                try await browser.wait(for: "it is in each tab", "return \(first) === 'from the seventh'")
            }
            try await expect(node.send("from elsewhere"), in: tabs)
            await browser.quit()
        }

        @Test func tabWithTheStream_isClosed_andNothingIsLost() async throws {
            var tabs = try await openTabs(3)
            let before = try await node.send("before")
            try await browser.closeTab()
            tabs.removeLast()
            // Whoever has the stream now begins where the last one was.
            let after = try await node.send("after")
            try await expect(before, in: tabs)
            try await expect(after, in: tabs)
            try await browser.turn(to: tabs[0])
            try await awaitLocks(1, 1)
            await browser.quit()
        }

        @Test func tabThatNobodySees_leavesTheStream_andHasAllWhenShownAgain() async throws {
            let seen = """
                Object.defineProperty(document, 'hidden', { get: () => window.isUnseen === true });
                const later = window.setTimeout;
                window.setTimeout = (work, time) => later(work, window.isUnseen && time > 15000 ? 10 : time);
                """
            try await browser.runFirst(seen)
            try await browser.open(wall)
            try await browser.wait(for: "the page is live", Self.isLive)
            try await browser.run("isUnseen = true; document.dispatchEvent(new Event('visibilitychange'))")
            try await awaitLocks(0, 0)
            let missed = try await node.send("missed")
            try await letTimePass(.milliseconds(500))
            #expect(try await browser.run("return document.getElementById('\(missed)')") == .null)
            try await browser.run("isUnseen = false; document.dispatchEvent(new Event('visibilitychange'))")
            try await browser.wait(for: "it is there", "return document.getElementById('\(missed)') !== null")
            await browser.quit()
        }

        @Test func whatIsHidden_leavesThePagesThatAreOpen() async throws {
            let tabs = try await openTabs(2)
            let (kept, bad) = (try await node.send("kept"), try await node.send("regrettable"))
            try await expect(bad, in: tabs)
            #expect(try await node.cli(["hide", bad]).status == 0)
            for tab in tabs {
                try await browser.turn(to: tab)
                try await browser.wait(for: "it is gone", "return document.getElementById('\(bad)') === null")
            }
            try await expect(kept, in: tabs)
            await browser.quit()
        }

        /// More than anybody reads: readers are told how many, and load the page.
        @Test func flood_isOfferedAsACount_andThePageHasTheNewest() async throws {
            _ = try await openTabs(1)
            let lines = (1...900).map { "number \($0)" }.joined(separator: "\n")
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.utf8))
            #expect(sent.status == 0, "\(sent.errorText)")
            let count = "Number(/^([0-9]+) new$/.exec(document.querySelector('.more')?.textContent ?? '')?.[1] ?? 0)"
            try await browser.wait(for: "a count", "return \(count) >= 100")
            let shown = try await browser.run("return document.querySelectorAll('article.message').length").int ?? 0
            #expect(shown < 800, "\(shown)")
            try await browser.click(".more")
            let texts = "[...document.querySelectorAll('article.message .text')].map((e) => e.textContent)"
            try await browser.wait(for: "the newest", "return \(texts).includes('number 900') && \(count) === 0")
            // Then it is live as before.
            try await browser.wait(for: "the page is live", Self.isLive)
            try await letTimePass(.seconds(2))
            let after = try await node.send("after the flood")
            try await browser.wait(for: "it is there", "return document.getElementById('\(after)') !== null")
            await browser.quit()
        }

        /// What is fetched then does not reach back to what the page has.
        @Test func floodOfAChannel_isOfferedAsANewPage() async throws {
            let there = try await node.send("before")
            try await browser.open(wall.replacingOccurrences(of: "/tweets", with: "/channels/tweets"))
            try await browser.wait(for: "the page is live", Self.isLive)
            try await browser.wait(for: "it is there", "return document.getElementById('\(there)') !== null")
            let lines = (1...900).map { "number \($0)" }.joined(separator: "\n")
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.utf8))
            #expect(sent.status == 0, "\(sent.errorText)")
            let offer = "document.querySelector('.more')?.textContent"
            try await eventually("the page looks what there is", within: .seconds(30)) {
                try await browser.run("return \(offer) === 'Show what is new'") == .bool(true)
            }
            try await browser.click(".more")
            let texts = "[...document.querySelectorAll('article.message .text')].map((e) => e.textContent)"
            try await browser.wait(for: "the newest", "return \(texts).includes('number 900') && !\(offer)")
            await browser.quit()
        }

        /// As at an address that is not secure, where browsers have no locks.
        @Test func browserWithoutLocks_hasAStreamForEachPage() async throws {
            let withoutLocks = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })"
            try await browser.runFirst(withoutLocks)
            try await browser.open(wall)
            try await browser.wait(for: "the page is live", Self.isLive)
            let id = try await node.send("hello")
            try await browser.wait(for: "it is there", "return document.getElementById('\(id)') !== null")
            await browser.quit()
        }
    }
}
