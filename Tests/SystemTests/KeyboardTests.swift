import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The wall in a real Chromium, without a mouse.
    @Suite(
        "By keyboard", .timeLimit(.minutes(2)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct KeyboardTests {
        private static let tab = "\u{E004}"
        private static let enter = "\u{E007}"

        /// Presses Tab until a script says that the focus is where it is wanted. Every stop on the way must show that it
        /// has the focus.
        private func tab(_ browser: WebDriver, to what: String, where script: String) async throws {
            for _ in 0..<250 {
                try await browser.press(Self.tab)
                let stop = try await browser.run(
                    """
                    const e = document.activeElement;
                    const style = getComputedStyle(e);
                    const form = getComputedStyle(e.closest('form') || e);
                    return [\(script), style.outlineStyle !== 'none' || form.boxShadow !== 'none', e.outerHTML.slice(0, 100)];
                    """)
                #expect(stop[1] == .bool(true), "the focus is not seen: \(stop[2])")
                if stop[0] == .bool(true) { return }
            }
            Issue.record("no way to \(what)")
        }

        @Test func wall_isReadWrittenAndSearched() async throws {
            let node = try await TestNode.start()
            let lines = (1...55).map { "message number \($0)" }
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.joined(separator: "\n").utf8))
            try #require(sent.status == 0, "\(sent.errorText)")
            let browser = try await WebDriver.start(in: node.site)
            let wall = "http://127.0.0.1:\(node.httpPort)/tweets"
            try await browser.open(wall)
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")

            try await tab(browser, to: "the way past the head", where: "e.className === 'skip'")
            try await browser.press(Self.enter)
            #expect(try await browser.run("return document.activeElement.id").string == "main")

            try await tab(browser, to: "the text", where: "e.id === 'text'")
            try await browser.press("written without a mouse")
            try await tab(browser, to: "the button", where: "e.textContent === 'Post'")
            try await browser.press(Self.enter)
            let first = "document.querySelector('article.message .text').textContent"
            try await browser.wait(for: "it is on the page", "return \(first) === 'written without a mouse'")

            try await tab(browser, to: "older messages", where: "e.id === 'older'")
            try await browser.press(Self.enter)
            try await browser.wait(for: "they are there", "return location.search.startsWith('?before=')")

            try await tab(browser, to: "the search", where: "e.id === 'find'")
            try await browser.press("mouse" + Self.enter)
            try await browser.wait(
                for: "it is found", "return document.querySelector('mark')?.textContent === 'mouse'")
            try await tab(browser, to: "what narrows it", where: "e.localName === 'summary'")
            try await browser.press(Self.enter)
            #expect(try await browser.run("return document.querySelector('details').open") == .bool(true))
            try await tab(browser, to: "the message", where: "e.className === 'time'")
            try await browser.press(Self.enter)
            try await browser.wait(for: "its page is there", "return document.querySelector('.verdict.good') !== null")
            await browser.quit()
        }
    }
}
