import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite("The page", .timeLimit(.minutes(2)))
    struct PageTests {
        @Test func texts_withMarkupAndStrangeCharacters_areShownAsText() async throws {
            let node = try await TestNode.start()
            let texts = [
                "<script>alert(1)</script>", #""><img src=x onerror="alert('1')">"#, "& &amp; &lt;b&gt; {{message}}",
                "\u{202E}right to left\u{202C}", "\u{5E9}\u{5DC}\u{5D5}\u{5DD}",
                "four bytes: \u{1F980}\u{1F9D1}\u{200D}\u{1F680}",
                "javascript:alert(1)", "tab\tand\nnewline",
            ]
            var ids: [String] = []
            for text in texts { ids.append(try await node.send(text)) }

            let listed = try await node.cli(["list", "--json"]).json()
            #expect(Set(listed.compactMap { $0["message"].string }) == Set(texts), "what is stored is what was sent")

            let wall = try await node.page()
            for (text, id) in zip(texts, ids) {
                let permalink = try await node.http.get("/tweets/\(id)").body
                for page in [wall, permalink] {
                    let shown = Self.escapings(of: text).contains { page.contains($0) }
                    #expect(shown, "'\(text)' as text")
                    #expect(!page.contains("<script>alert"))
                    #expect(!page.contains("<img src=x"))
                }
            }
        }

        @Test func page_loadsNothingFromThirdParties() async throws {
            let node = try await TestNode.start()
            try await node.send("see https://third.example/x.js")
            let response = try await node.http.get("/tweets")
            let loaded = response.body
                .matches(of: /<(?:script|link|img|iframe|source|form)\b[^>]*?(?:src|href|action)="([^"]*)"/)
                .map { String($0.1) }
            #expect(loaded.count >= 3, "a style, a script and an icon at least")
            #expect(loaded.allSatisfy { !$0.contains("//") }, "\(loaded)")
            #expect(response.headers["content-security-policy"] != nil)
            #expect(response.headers["content-type"]?.hasPrefix("text/html; charset=utf-8") ?? false)
        }

        @Test func wall_longerThanAPage_isReadToItsEndByItsLinks() async throws {
            let node = try await TestNode.start()
            let lines = (1...130).map { "entry number \($0)." }
            let sent = try await node.cli(["send", "--lines", "-"], input: Array(lines.joined(separator: "\n").utf8))
            try #require(sent.status == 0, "\(sent.errorText)")
            var path: String? = "/tweets"
            var found: [String] = []
            var pages = 0
            while let current = path, pages < 20 {
                let body = try await node.http.get(current).body
                found += body.matches(of: /entry number \d+\./).map { String($0.0) }
                path = body.firstMatch(of: /href="([^"]*\?before=[^"]*)"/)
                    .map { String($0.1).replacingOccurrences(of: "&amp;", with: "&") }
                pages += 1
            }
            #expect(pages > 1)
            #expect(Set(found) == Set(lines), "every entry")
            #expect(found.count == lines.count, "each once")
        }

        /// The spellings that a careful escaper may choose.
        private static func escapings(of text: String) -> [String] {
            let base = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            let both = base.replacingOccurrences(of: ">", with: "&gt;")
            return [("&quot;", "&#39;"), ("&#34;", "&#39;"), ("&quot;", "&#x27;"), ("\"", "'")].map { double, single in
                both.replacingOccurrences(of: "\"", with: double).replacingOccurrences(of: "'", with: single)
            }
        }
    }
}
