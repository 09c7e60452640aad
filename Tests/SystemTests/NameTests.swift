import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Names from the command line and the browser to the page.
    @Suite("Names", .timeLimit(.minutes(2)))
    struct NameTests {
        @Test func nameOfTheCommandLine_isOnThePage_inTheList_andInLaterMessages() async throws {
            let node = try await TestNode.start()
            let first = try await node.send("before I had a name")
            let key = try #require(try await node.cli(["show", first, "--json"]).json().first?["key"].string)
            #expect(try await node.cli(["name"]).text == "\(key)  (no name)")

            let named = try await node.cli(["name", "Ada", "Lovelace", "--json"])
            #expect(named.status == 0, "\(named.errorText)")
            #expect(try named.json().first?["key"].string == key)
            #expect(try named.json().first?["name"].string == "Ada Lovelace")
            #expect(try await node.cli(["name"]).text == "\(key)  “Ada Lovelace”", "it is what the next message says")
            #expect(try await node.cli(["list", "--json"]).json().count == 1, "nothing is published")
            #expect(try await node.cli(["name", "--author", key]).text == "\(key)  (no name)")
            let later = try await node.send("and now I have")
            let shown = try #require(try await node.cli(["show", later, "--json"]).json().first)
            #expect(shown["signals"]["+name"].string == "Ada Lovelace")
            #expect(try await node.cli(["list"]).text.components(separatedBy: "“Ada Lovelace”").count == 3)
            let page = try await node.page()
            #expect(page.components(separatedBy: #"<bdi class="name">Ada Lovelace</bdi>"#).count == 3)

            // The operator's word stands above the author's, and both are told apart.
            let pinned = try await node.cli(["pin", key, "my", "friend"])
            #expect(pinned.status == 0, "\(pinned.errorText)")
            #expect(try await node.page().contains(#"<bdi class="name">my friend</bdi>"#))
            #expect(try await node.cli(["name", "--author", key]).text == "\(key)  my friend")
            let json = try #require(try await node.cli(["name", "--json"]).json().first)
            #expect(json["name"].string == "Ada Lovelace" && json["pinned"].string == "my friend")
            let list = try #require(try await node.cli(["pin", "--list", "--json"]).json().first)
            #expect(list["key"].string == key && list["name"].string == "my friend")
            #expect(try await node.cli(["unpin", key]).status == 0)
            #expect(try await node.cli(["name", "--clear"]).status == 0)
            #expect(try await node.cli(["name"]).text == "\(key)  (no name)")
            #expect(try await node.page().contains("class=\"name\""), "nothing is published")
            let last = try await node.send("nobody again")
            #expect(try await node.cli(["show", last, "--json"]).json().first?["signals"]["+name"].string == "")
            #expect(try await !node.page().contains("class=\"name\""))
        }

        @Test func ownName_isKnownWithoutANode() async throws {
            let site = try TestSite()
            let named = try await site.run(Binaries.client, ["name", "Ada"])
            #expect(named.status == 0, "\(named.errorText)")
            let taken = try await fastest(goal: .seconds(2)) {
                try await site.run(Binaries.client, ["name", "Ada"]).duration
            }
            #expect(taken < .seconds(2), "nobody is asked")
            #expect(named.text.hasSuffix("  “Ada”"))
            let asked = try await site.run(Binaries.client, ["name", "--timeout", "300ms"])
            #expect(asked.status == 0, "\(asked.errorText)")
            #expect(asked.text == named.text)
        }

        @Test(arguments: [
            ["name", "a\nb"], ["name", "Ada\r\nLovelace"], ["pin", "a\nb"], ["name", "a\u{202E}b"],
            ["name", String(repeating: "n", count: 49)], ["name", "Ada", "--clear"], ["pin"],
        ])
        func whatIsNoName_isWrongUsage_andSaysWhy(_ arguments: [String]) async throws {
            let site = try TestSite()
            let output = try await site.run(Binaries.client, arguments)
            #expect(output.status == 2)
            #expect(output.errorText.contains("name") || output.errorText.contains("NAME"))
        }

        @Test(.enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
        func nameInTheBrowser_goesWithEachMessage_andMayBeTakenBack() async throws {
            let node = try await TestNode.start()
            let browser = try await WebDriver.start(in: node.site)
            try await browser.open("http://127.0.0.1:\(node.httpPort)/tweets")
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
            try await browser.click("button[aria-controls=keys]")
            func call(_ name: String) async throws {
                try await browser.run(
                    """
                    const field = document.getElementById('own-name');
                    field.value = arguments[0];
                    field.form.requestSubmit();
                    """, [name])
            }
            func post(_ text: String) async throws -> JSON {
                try await browser.run("document.getElementById('text').value = arguments[0]", [text])
                try await browser.click("#compose button[type=submit]")
                try await browser.wait(
                    for: "it is on the page",
                    "return document.querySelector('article.message .text')?.textContent === '\(text)'")
                let listed = try await node.cli(["list", "--json", "--limit", "1"])
                let verified = try await node.cli(["verify"], input: Array(listed.text.utf8))
                #expect(verified.status == 0, "\(verified.errorText)")
                return try #require(try listed.json().first)["signals"]
            }
            #expect(try await post("nobody").object?["+name"] == nil)
            try await call("  Ada \u{3164}")
            #expect(try await post("still nobody").object?["+name"] == nil, "what nodes don't take is not sent")
            try await call("  Ada   Lovelace ")
            #expect(try await post("somebody")["+name"].string == "Ada Lovelace")
            let live = "return document.querySelector('article.message .name').textContent"
            #expect(try await browser.run(live).string == "Ada Lovelace")
            // What the counter leaves can be sent, to the last byte.
            let room =
                try await browser.run("return Number(document.getElementById('text').dataset.budget)").number ?? 0
            let longest = String(repeating: "x", count: Int(room) - #""+name":"Ada Lovelace","#.utf8.count)
            let left = try await browser.run(
                """
                const text = document.getElementById('text');
                text.value = arguments[0];
                text.dispatchEvent(new Event('input'));
                return document.getElementById('left').textContent;
                """, [longest])
            #expect(left.string == "0 bytes left")
            #expect(try await post(longest)["+name"].string == "Ada Lovelace")
            try await call("")
            #expect(try await post("nobody again")["+name"].string == "")
            await browser.quit()
        }
    }
}
