import Foundation
import Messages
import TestSupport
import Testing

extension SystemTests {
    /// Of texts that want to be more than text, those that may be a name, beside what their authors wrote.
    @Suite(
        "Hostile names", .timeLimit(.minutes(2)),
        .enabled(if: HostileTexts.areInstalled, "Tests/run installs the published texts"))
    struct HostileNameTests {
        /// The longest of each kind.
        private static func names(in site: TestSite) async throws -> [DisplayName] {
            let all = try await HostileTexts.visible(in: site)
            let kinds = Dictionary(grouping: all, by: \.source).sorted { $0.key < $1.key }
            let names = kinds.flatMap { _, texts in
                texts.compactMap { try? DisplayName($0.text) }.sorted { $0.text.utf8.count > $1.text.utf8.count }
                    .prefix(4)
            }
            // Characters as wide as half a line, a pile of marks as high as may be, and a script of the other direction.
            return try names
                + ["\u{FDFD}\u{FDFD}", "Z\u{20DD}\u{489}\u{20DD}", "\u{5D0}\u{5D1} (1) http://e.org"].map {
                    try DisplayName($0)
                }
        }

        @Test(.enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"), arguments: [1280, 320])
        func page_withHostileNames_runsNothing_andKeepsEachInItsBox(_ width: Int) async throws {
            let node = try await TestNode.start()
            let names = try await Self.names(in: node.site)
            try #require((20...48).contains(names.count), "a page takes fifty")
            for (index, name) in names.enumerated() {
                let key = "author-\(index)"
                try await node.run([
                    ["key", "new", key], ["name", "--key", key, "--", name.text], ["send", "--key", key, "hello"],
                ])
            }
            let messages = try await node.cli(["list", "--json", "--limit", "50"]).json().map { message in
                (
                    id: try #require(message["id"].string), key: try #require(message["key"].string),
                    text: message["message"].string
                )
            }
            let texts = Dictionary(uniqueKeysWithValues: messages.map { ($0.id, $0.text ?? "") })
            let page = try await HostilePage(node, texts, width: width)
            let wall = try await page.open("/tweets")
            #expect(wall.ids.count == names.count)
            #expect(Set(wall.names) == Set(names.map { Data($0.text.utf8) }))
            for (index, message) in messages.enumerated() where index % 3 == 0 {
                for path in ["/authors/\(message.key)", "/tweets/\(message.id)"] { try await page.open(path) }
            }
            try await page.checkInk("/tweets")
            await page.browser.quit()
        }
    }
}
