import Foundation
import Messages
import TestSupport
import Testing

@testable import RendererService

/// Texts that strangers write to break pages.
let hostileTexts = [
    "<script>alert(1)</script>", "</script><script>alert(1)//", "<img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)", "' onfocus='alert(1)' autofocus='", "</textarea><svg onload=alert(1)>",
    "</div></article></main><h1>mine</h1>", "{{key}} {{{text}}} {{#messages}}", "{{=<% %>=}}", "<!-- --> <![CDATA[ ]]>",
    "a\u{202E}txt.exe\u{202C} \u{2066}x\u{2069} \u{200F}", "𝒯𝓌𝑒𝑒𝓉 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "line one\nline two\u{2028}three\u{2029}four",
    "\"\u{0301} onclick=alert(1) <\u{0338}b> '\u{20DD} &\u{0301}lt; >\u{FE0F}", "&lt;script&gt; &amp;amp; &#39;",
    "javascript:alert(1) http://x/\"onclick=alert(1) https://e.org/?a=1&b='><script>",
    "data: x\nevent: y\nid: 7\n\n: z", "\\u003cscript\\u003e \\\" \\\\", "${7*7} #{7*7} <%= 7*7 %> `x`",
    "\u{FEFF}\u{200B}x",
]

@Suite struct EscapingTests {
    /// The page around a text, without the text: if they are equal, nothing of the text got out of its place.
    private func skeleton(_ html: String) -> [String] {
        Fixture.tags(in: html).filter { !$0.hasPrefix("<a rel=\"nofollow") && !["</a>", "<br>"].contains($0) }
    }

    @Test(arguments: hostileTexts)
    func aHostileText_onEveryPage_addsNoElementAndNoAttribute(text: String) async throws {
        let plain = try Fixture()
        let hostile = try Fixture()
        let plainID = try Fixture.message("plain").id.hex
        let message = try Fixture.message(text)
        plain.wall.commit(try Fixture.message("plain"))
        hostile.wall.commit(message)
        let author = "/authors/\(Fixture.alice.publicKey.text)"
        for (path, hostilePath) in [
            ("/tweets", "/tweets"), (author, author), ("/tweets/\(plainID)", "/tweets/\(message.id.hex)"),
        ] {
            func normal(_ html: String, _ id: String) -> [String] {
                skeleton(html).map { tag in
                    let last = Fixture.values(of: "data-last", in: tag).first ?? "-"
                    return tag.replacing(id, with: "ID").replacing(last, with: "LAST")
                }
            }
            let expected = normal(try await plain.page(path), plainID)
            #expect(normal(try await hostile.page(hostilePath), message.id.hex) == expected, "\(path)")
        }
    }

    @Test(arguments: hostileTexts)
    func aHostileDraft_onTheErrorPage_staysInItsField(text: String) async throws {
        let fixture = try Fixture()
        fixture.wall.fail(with: .unavailable("test"))
        let html = try await fixture.send(["message": text]).text
        let field = try #require(
            html.components(separatedBy: "<textarea").last?.components(separatedBy: "</textarea>").first)
        #expect(field.drop { $0 != ">" } == ">\n" + HTMLEscaping.escape(text))
        #expect(html.components(separatedBy: "<form").count == 3)
    }

    @Test(arguments: hostileTexts)
    func aHostileText_inTheAPI_comesBackUnchanged(text: String) async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message(text))
        let list = try JSON(parsing: await fixture.page("/api/messages"))
        #expect(list["messages"][0]["message"].string.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(arguments: hostileTexts)
    func aHostileText_asAnEvent_isOneLineOfJSON(text: String) async throws {
        let fixture = try Fixture()
        let committed = fixture.wall.commit(try Fixture.message(text))
        let event = String(buffer: fixture.renderer.hub.event(committed))
        let lines = event.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5)
        #expect(lines.map { $0.prefix(6) } == ["id: \(fixture.wall.store)".prefix(6), "event:", "data: ", "", ""])
        #expect(!event.unicodeScalars.contains("\u{2028}") && !event.unicodeScalars.contains("\u{2029}"))
        let data = try JSON(parsing: lines[2].dropFirst(6))
        #expect(data["message"].string.map { Array($0.utf8) } == Array(text.utf8))
        #expect(data["html"].string == fixture.renderer.site.pages.fragments.html(of: committed.row))
    }

    @Test func escaping_ofAQuoteWithACombiningMark_stillEscapesTheQuote() {
        #expect(
            HTMLEscaping.escape("\"\u{0301}<\u{0338}&\u{20DD}'\u{0301}>")
                == "&quot;\u{0301}&lt;\u{0338}&amp;\u{20DD}&#39;\u{0301}&gt;")
    }

    @Test func escaping_ofControlCharacters_makesThemVisible() {
        #expect(HTMLEscaping.escape("a\u{0}b\u{1B}c\u{7F}d\u{85}e\n\t") == "a␀b␛c␡d\u{FFFD}e\n\t")
    }

    @Test func everyTemplate_whenItInsertsWithoutEscaping_insertsOnlyWhatWasRenderedBefore() {
        let rendered: Set<String> = ["main", "compose", "messages", "message", "icon", "text", "xml", "candidates"]
        for name in Templates.Name.allCases {
            let source = Templates.source(of: name)
            #expect(!source.contains("{{&") && !source.contains("{{>"), "\(name)")
            for match in source.matches(of: /{{{(\w+)}}}/) {
                #expect(rendered.contains(String(match.1)), "\(name): \(match.1)")
            }
        }
    }

    @Test func newlinesInAText_areKept() async throws {
        let fixture = try Fixture()
        fixture.wall.commit(try Fixture.message("one\n\n  two\n\tthree"))
        #expect(
            try await fixture.page("/tweets").contains(
                "<div class=\"text\" dir=\"auto\">one<br>\n<br>\n  two<br>\n\tthree</div>"))
    }
}
