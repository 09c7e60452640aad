import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The wall in a real Chromium, without a mouse.
    @Suite(
        "By keyboard", .timeLimit(.minutes(2)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct KeyboardTests {
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

            try await browser.tab(to: "the way past the head", where: "e.className === 'skip'")
            try await browser.press(WebDriver.enter)
            #expect(try await browser.run("return document.activeElement.id").string == "main")

            try await browser.tab(to: "the text", where: "e.id === 'text'")
            try await browser.press("written without a mouse")
            try await browser.tab(to: "the button", where: "e.textContent === 'Post'")
            try await browser.press(WebDriver.enter)
            let first = "document.querySelector('article.message .text').textContent"
            try await browser.wait(for: "it is on the page", "return \(first) === 'written without a mouse'")

            try await browser.tab(to: "older messages", where: "e.id === 'older'")
            try await browser.press(WebDriver.enter)
            try await browser.wait(for: "they are there", "return location.search.startsWith('?before=')")

            try await browser.tab(to: "the search", where: "e.id === 'find'")
            try await browser.press("mouse" + WebDriver.enter)
            try await browser.wait(
                for: "it is found", "return document.querySelector('mark')?.textContent === 'mouse'")
            try await browser.tab(to: "what narrows it", where: "e.localName === 'summary'")
            try await browser.press(WebDriver.enter)
            #expect(try await browser.run("return document.querySelector('details').open") == .bool(true))
            try await browser.tab(to: "the message", where: "e.className === 'time'")
            try await browser.press(WebDriver.enter)
            try await browser.wait(for: "its page is there", "return document.querySelector('.verdict.good') !== null")
            await browser.quit()
        }
    }
}
