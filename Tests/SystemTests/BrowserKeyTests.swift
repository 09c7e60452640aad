import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// The visitor's own key and name, in a real Chromium.
    @Suite(
        "The visitor's key", .timeLimit(.minutes(3)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct BrowserKeyTests {
        private let node: TestNode
        private let browser: WebDriver

        init() async throws {
            node = try await TestNode.start()
            browser = try await WebDriver.start(in: node.site)
            try await open()
        }

        private func open() async throws {
            try await browser.open("http://127.0.0.1:\(node.httpPort)/tweets")
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
        }

        /// Posts, waits until it is there, and says what the store has of it.
        private func post(_ text: String) async throws -> JSON {
            try await browser.type(text, into: "#text")
            try await browser.click("#compose button[type=submit]")
            try await browser.wait(
                for: "it is on the page",
                "return [...document.querySelectorAll('.text')].some((e) => e.textContent === '\(text)')")
            let listed = try await node.cli(["list", "--json"]).json()
            return try #require(listed.first { $0["message"].string == text })
        }

        private func text(_ selector: String) async throws -> String {
            try await browser.run("return document.querySelector(arguments[0])?.innerText ?? ''", [selector]).string
                ?? ""
        }

        private func press(_ words: String) async throws {
            let found = try await browser.run(
                """
                const button = [...document.querySelectorAll('button')]
                  .find((e) => e.textContent === arguments[0] && e.checkVisibility());
                button?.click();
                return button !== undefined;
                """, [words])
            try #require(found == .bool(true), "no button \(words)")
        }

        @Test func firstPost_offersACopyOfTheKey_whichTheCommandLineTakes() async throws {
            try await browser.keepDownloads(in: node.site.directory.path)
            let first = try await post("the first one")
            #expect(try await text("#notice").contains("made a key for you"))
            // Whoever writes on is asked still.
            _ = try await post("the second one")
            try await press("Save a copy of your key")
            let said = try await text("#notice")
            #expect(said.contains("saved as p2pmsg-key.txt"), "\(said)")
            let file = node.site.directory.file("p2pmsg-key.txt")
            try await eventually("it is saved", within: .seconds(10)) { FileManager.default.fileExists(atPath: file) }
            try await node.run([["key", "import", "mine", file]])
            let shown = try await node.cli(["key", "show", "mine", "--json"]).json().first
            #expect(shown?["key"] == first["key"])
            // Nobody is asked twice, and the key cannot be read out afterwards.
            _ = try await post("the third one")
            #expect(try await text("#notice") == "")
            try await open()
            try await press("Your name and key")
            #expect(try await text("#keys").contains("No copy of it can be made any more"))
            #expect(try await browser.run("return document.getElementById('key-save').hidden") == .bool(true))
            await browser.quit()
        }

        @Test func copyThatNobodyWants_isNotOfferedAgain_butCanBeHad() async throws {
            _ = try await post("the first one")
            try await press("Not now")
            #expect(try await text("#notice") == "")
            _ = try await post("the second one")
            #expect(try await text("#notice") == "")
            try await press("Your name and key")
            try await press("Save a copy of your key")
            #expect(try await text("#notice").contains("saved as"))
            await browser.quit()
        }

        @Test func name_isSaved_signedWith_andForgottenWithItsKey() async throws {
            try await press("Your name and key")
            try await browser.type("half a message", into: "#text")
            // Enter saves the name, and does not post.
            try await browser.type("Ada" + WebDriver.enter, into: "#own-name")
            #expect(try await text("#notice").contains("you are called Ada"))
            #expect(try await browser.run("return document.getElementById('text').value").string == "half a message")
            try await browser.run(
                "const t = document.getElementById('text'); t.value = ''; t.dispatchEvent(new Event('input'))")
            let first = try await post("with a name")
            #expect(first["signals"]["+name"].string == "Ada")
            #expect(try await text("#signer").hasPrefix("Signed in this browser as Ada "))

            try await browser.run("document.getElementById('own-name').value = ' Countess  Ada '")
            try await press("Save")
            #expect(try await text("#signer").hasPrefix("Signed in this browser as Countess Ada "))

            try await browser.run("window.confirm = () => true")
            try await press("Forget this key")
            #expect(try await text("#signer").hasPrefix("Signed in this browser. "))
            #expect(try await browser.run("return document.getElementById('own-name').value").string == "")
            let second = try await post("by somebody else")
            #expect(second["key"] != first["key"])
            #expect(second["signals"].object?["+name"] == nil)
            await browser.quit()
        }

        @Test func twoTabs_writeWithOneKey() async throws {
            let first = try await browser.openTab()
            try await open()
            _ = try await browser.openTab()
            try await open()
            let mine = try await post("from the second tab")
            try await browser.turn(to: first)
            let other = try await post("from the first tab")
            #expect(mine["key"] == other["key"])
            await browser.quit()
        }
    }
}
