import TestSupport
import Testing

extension SystemTests {
    /// Messages that are all height, in a real Chromium.
    @Suite(
        "Folded messages", .timeLimit(.minutes(2)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct FoldTests {
        private static let count = 10
        private static let tall = "top" + String(repeating: "\n", count: 430) + "bottom"

        private static let isWhole = """
            const text = document.querySelector('article.message .text');
            const height = text.getBoundingClientRect().height;
            return height / parseFloat(getComputedStyle(text).lineHeight) > 400;
            """

        private func node() async throws -> TestNode {
            let node = try await TestNode.start()
            for number in 0..<Self.count {
                let sent = try await node.cli(["send", "-"], input: Array("\(number) \(Self.tall)".utf8))
                try #require(sent.status == 0, "\(sent.errorText)")
            }
            return node
        }

        private func isWhole(in browser: WebDriver) async throws -> Bool {
            try await browser.run(Self.isWhole) == .bool(true)
        }

        @Test(arguments: [(true, 1280), (true, 320), (false, 1280)])
        func aPageOfThem_isShort_andEachIsUnfoldedWithMouseAndKeys(_ script: Bool, _ width: Int) async throws {
            let node = try await node()
            let browser = try await WebDriver.start(in: node.site, script: script, width: width)
            try await browser.open("http://127.0.0.1:\(node.httpPort)/tweets")
            // Scripts of the driver run where those of the page may not.
            let height = try await browser.run("return document.documentElement.scrollHeight").number ?? 0
            #expect(height < Double(Self.count) * 700, "\(height)")
            #expect(try await browser.run("return document.documentElement.scrollWidth <= innerWidth") == .bool(true))
            let size = try await browser.run(
                "const { width, height } = document.querySelector('.unfold').getBoundingClientRect(); return [width, height];"
            )
            #expect((size[0].number ?? 0) >= 24 && (size[1].number ?? 0) >= 24, "\(size)")
            #expect(try await !isWhole(in: browser))
            try await browser.click("article.message .unfold")
            #expect(try await isWhole(in: browser))
            // The label has the focus of its box.
            try await browser.press(" ")
            #expect(try await !isWhole(in: browser))
            try await browser.press(" ")
            #expect(try await isWhole(in: browser))
            await browser.quit()
        }

        @Test func onPaper_nothingIsFolded() async throws {
            let node = try await node()
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open("http://127.0.0.1:\(node.httpPort)/tweets")
            try await browser.showAsPrinted()
            #expect(try await isWhole(in: browser))
            #expect(try await browser.run("return document.querySelector('.unfold').checkVisibility()") == .bool(false))
            await browser.quit()
        }
    }
}
