import Messages
import Testing

@testable import RendererService

/// A text that is all line breaks must not make a page of thousands of lines.
@Suite struct TextHeightTests {
    @Test func fiftyTextsOfLineBreaks_areFolded_withAWord_andWholeOnTheirOwnPage() async throws {
        let fixture = try Fixture()
        let tall = "top" + String(repeating: "\n", count: 430) + "bottom"
        let messages = try fixture.write((0..<50).map { "\($0) \(tall)" })
        for path in ["/tweets", "/authors/\(Fixture.alice.publicKey.text)", "/search?q=bottom"] {
            let html = try await fixture.page(path)
            #expect(html.components(separatedBy: ">Show all, about 431 lines</label>").count == 51, "\(path)")
            for message in messages { #expect(html.contains("for=\"all-\(message.id.hex)\"")) }
            #expect(html.contains("bottom"), "the rest is there for those without styles")
        }
        let alone = try await fixture.page("/tweets/\(messages[0].id.hex)")
        #expect(alone.contains("bottom") && !alone.contains("Show all"))
    }

    @Test(arguments: [
        ("", 1), ("a\nb", 2), ("a\u{2028}b\u{2029}c", 3), (String(repeating: "x", count: 64), 1),
        (String(repeating: "x", count: 65), 2), (String(repeating: "漢", count: 65), 3),
        (String(repeating: "\u{FDFD}", count: 290), 145),
        (String(repeating: "a\t", count: 8), 1), (String(repeating: "a\t", count: 9), 2),
        (String(repeating: "a\t", count: 700), 88), ("1234567\t" + String(repeating: "x", count: 56), 1),
    ])
    func aText_hasSoManyLines(text: String, lines: Int) {
        #expect(TextHeight.lines(of: text) == lines)
    }

    @Test func aLongPlainText_isNotFolded() {
        #expect(TextHeight.lines(of: String(repeating: "a", count: 1_400)) <= Limits.unfoldedLines)
    }
}
