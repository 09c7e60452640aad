import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// A thousand texts that want to be more than text, on every page, in a real Chromium.
    @Suite(
        "Hostile texts", .timeLimit(.minutes(5)),
        .enabled(if: HostileTexts.areInstalled, "Tests/run installs the published ones"))
    struct HostileTextTests {
        /// As long as a name may be, and with everything in it that may be in one: what turns the direction is a letter.
        static let channel =
            "א\"'><img src=x onerror=alert(1)>]]>{{{x}}}&lt;QQ" + String(repeating: "\u{301}\u{489}", count: 3)

        static let channelPath = "/channels/" + encoded(channel)

        /// These are in the channel: what reaches furthest out of a line.
        private static let painted: Set = ["marks", "tall", "bidi"]

        static func encoded(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }

        static func start() async throws -> TestNode {
            try await TestNode.start(arguments: ["--channel", "tweets", "--channel", channel])
        }

        /// Sends all of them, some to the hostile channel.
        ///
        /// - Returns: the texts by their messages' ids, and the ids of those in the channel.
        static func sendAll(to node: TestNode) async throws -> (texts: [String: String], inChannel: Set<String>) {
            let all = try await HostileTexts.visible(in: node.site)
            try #require(all.count > 300)
            let there = all.filter { painted.contains($0.source) }.map(\.text)
            let here = all.filter { !painted.contains($0.source) }.map(\.text)
            let inChannel = try await node.send(all: there, ["--channel", channel])
            let texts = try await node.send(all: here).merging(inChannel) { one, _ in one }
            // Two messages cannot have one id, and each text is sent once.
            try #require(texts.count == all.count)
            return (texts, Set(inChannel.keys))
        }

        /// The ids of some texts, the same in every run, and of all that have characters without end.
        private static func sample(of texts: [String: String], in site: TestSite) async throws -> [String] {
            let endless = try await HostileTexts.visible(in: site).filter { $0.source == "grapheme" }.map(\.text)
            let sorted = texts.sorted { $0.value.utf8.lexicographicallyPrecedes($1.value.utf8) }.map(\.key)
            return texts.filter { endless.contains($0.value) }.map(\.key)
                + stride(from: 0, to: sorted.count, by: sorted.count / 20).map { sorted[$0] }
        }

        @Test(.enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"), arguments: [1280, 320])
        func page_withHostileTexts_runsNothing_andKeepsEachInItsBox(_ width: Int) async throws {
            let node = try await Self.start()
            let (texts, inChannel) = try await Self.sendAll(to: node)
            let page = try await HostilePage(node, texts, width: width)
            var seen: [String] = []
            var next: String? = "/tweets"
            while let path = next {
                seen += try await page.open(path).ids
                next = try await page.older()
            }
            #expect(seen.count == texts.count && Set(seen) == Set(texts.keys), "each is on the wall once")

            #expect(try await Set(page.open(Self.channelPath).ids) == inChannel)
            let first = try #require(seen.first)
            let key = try #require(try await node.cli(["show", first, "--json"]).json().first?["key"].string)
            #expect(try await page.open("/authors/\(key)").ids.count == 50)
            try await page.open("/about")
            for id in try await Self.sample(of: texts, in: node.site) + inChannel.prefix(1) {
                #expect(try await page.open("/tweets/\(id)").ids == [id])
            }
            let marks = try #require(texts.first { inChannel.contains($0.key) && $0.value.contains("\u{301}") }?.key)
            for path in [Self.channelPath, "/about", "/tweets/\(marks)", "/search?q=\(Self.encoded(Self.channel))"] {
                try await page.checkInk(path)
            }
            await page.browser.quit()
        }

        @Test(.enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"), arguments: [1280, 320])
        func page_withHostileTexts_whenSearched_showsWordsAsTheyAre(_ width: Int) async throws {
            let node = try await Self.start()
            let (texts, inChannel) = try await Self.sendAll(to: node)
            let page = try await HostilePage(node, texts, width: width)
            for words in ["alert", "\"script alert\"", "onerror -svg", "javascr*", "https example"] {
                let found = try await page.open("/search?q=\(Self.encoded(words))")
                #expect(found.ids.count > 5 && found.marks >= found.ids.count, "\(words): \(found)")
            }
            let inside = try await page.open("/search?q=opened&channel=\(Self.encoded(Self.channel))")
            #expect(!inside.ids.isEmpty && Set(inside.ids).isSubset(of: inChannel) && inside.marks > 0)
            // The texts themselves as what is searched for: it is shown again in a heading and in two fields.
            let short = texts.values.filter { $0.utf8.count <= 200 }.sorted()
            for text in stride(from: 0, to: short.count, by: short.count / 25).map({ short[$0] }) {
                try await page.open("/search?q=\(Self.encoded(text))")
                try await page.open("/search?q=x&author=\(Self.encoded(text))")
            }
            await page.browser.quit()
        }

        @Test(.enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"), arguments: [1280, 320])
        func livePage_withHostileTexts_runsNothing_andKeepsEachInItsBox(_ width: Int) async throws {
            let node = try await Self.start()
            try await node.awaitFeed()
            // No more than a page is given one by one; the two widths have different ones of them.
            let every = try await HostileTexts.visible(in: node.site).filter { $0.source != "published" }.map(\.text)
            let all = stride(from: width == 320 ? 5 : 0, to: every.count, by: every.count / 90 + 1).map { every[$0] }
            let middle = all.count / 2
            var texts: [String: String] = [:]
            for entry in try await node.cli(["list", "--json"]).json() {
                let id = try #require(entry["id"].string)
                texts[id] = entry["message"].string
            }

            var page = try await HostilePage(node, texts, width: width)
            try await page.open("/tweets")
            try await page.browser.wait(
                for: "the page is live", "return document.getElementById('live').className.includes('on')")
            let first = try await node.send(all: Array(all[..<middle]), ["--channel", Self.channel])
            let count = "document.querySelectorAll('article.message').length"
            texts.merge(first) { one, _ in one }
            try await page.browser.wait(for: "all are there", "return \(count) === \(texts.count)")
            // Those who read below are told how many have come, and get them when they want.
            try await page.browser.run("scrollTo(0, document.body.scrollHeight)")
            let second = try await node.send(all: Array(all[middle...]))
            try await page.browser.wait(
                for: "all wait",
                "return document.querySelector('button.more')?.textContent === '\(second.count) new'")
            try await page.browser.click("button.more")
            texts.merge(second) { one, _ in one }
            try await page.browser.wait(for: "they are there", "return \(count) === \(texts.count)")
            page.texts = texts
            #expect(try await Set(page.check("live").ids) == Set(texts.keys))
            await page.browser.quit()
        }
    }
}
