import TestSupport
import Testing

extension SystemTests {
    /// The wall in browsers without styles and scripts, which know no `hidden` either.
    @Suite("In a text browser", .timeLimit(.minutes(1)))
    struct TextBrowserTests {
        /// Programs, and how each writes a page to standard output.
        static let browsers = [
            ["w3m", "-dump", "-cols", "80"], ["lynx", "-dump", "-nolist", "-width=80"],
        ].filter { (try? Binaries.installed($0[0])) != nil }

        private func dump(_ path: String, of node: TestNode, with browser: [String]) async throws -> String {
            let address = "http://127.0.0.1:\(node.httpPort)\(path)"
            let read = try await node.site.run(
                Binaries.installed(browser[0]), Array(browser.dropFirst()) + [address], within: .seconds(20))
            #expect(read.status == 0, "\(read.errorText)")
            return read.text
        }

        @Test(
            .enabled(if: !browsers.isEmpty, "Tests/run installs w3m and lynx"), arguments: browsers,
            ["node", "browser", "off"])
        func pages_areReadWhole_andHaveNothingThatNeedsAScript(_ browser: [String], posting: String) async throws {
            let node = try await TestNode.start(arguments: ["--post", posting])
            try await node.run([["name", "Ada"]])
            let id = try await node.send("read by everybody\nin lines\n\n  of its own")
            let wall = try await dump("/tweets", of: node, with: browser)
            #expect(wall.contains("read by everybody") && wall.contains("Ada"), "\(wall)")
            // Lynx leaves empty lines out.
            let lines = wall.split(separator: "\n").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
            #expect(lines.firstRange(of: ["readbyeverybody", "inlines", "ofitsown"]) != nil, "\(wall)")
            #expect(wall.contains("Post") == (posting == "node"), "\(wall)")
            let tall = Array((1...40).map { "line \($0) of many" }.joined(separator: "\n").utf8)
            try #require(try await node.cli(["send", "-"], input: tall).status == 0)
            let whole = try await dump("/tweets", of: node, with: browser)
            #expect(whole.contains("line 1 of many") && whole.contains("line 40 of many"), "\(whole)")
            #expect(wall.contains("needs a browser that signs") == (posting == "browser"), "\(wall)")
            for path in ["/tweets", "/tweets/\(id)", "/search?q=read", "/about"] {
                let text = try await dump(path, of: node, with: browser).lowercased()
                for word in ["your name", "copy of your", "forget", "mute", "hide", "not live", "<form", "a key from"] {
                    #expect(!text.contains(word), "\(path): \(word) in \(text)")
                }
            }
        }
    }
}
