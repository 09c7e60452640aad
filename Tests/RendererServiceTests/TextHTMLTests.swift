import Testing

@testable import RendererService

@Suite struct TextHTMLTests {
    @Test(arguments: [
        ("see https://e.org/a?b=1&c=2.", "https://e.org/a?b=1&amp;c=2", "."),
        ("(http://e.org/x_(y))", "http://e.org/x_(y)", ")"),
        ("HTTPS://E.org!", "HTTPS://E.org", "!"),
        ("http://[::1]:8080/", "http://[::1]:8080/", ""),
        ("https://e.org/'onclick='x", "https://e.org/&#39;onclick=&#39;x", ""),
        ("https://e.org/a\u{202E}b", "https://e.org/a", "\u{202E}b"),
        ("https://e.org/\"onclick", "https://e.org/", "&quot;onclick"),
        ("http://e.org,http://f.org", "http://e.org", ","),
        ("http://e.org: see", "http://e.org", ":"),
        ("http://e.org:80?q=@x", "http://e.org:80?q=@x", ""),
        ("http://e.org#[a]", "http://e.org#[a]", ""),
        ("http://1.22.255.0/x", "http://1.22.255.0/x", ""),
        ("http://1.e.org-", "http://1.e.org", "-"),
        ("http://[2001:db8::1]。", "http://[2001:db8::1]", "。"),
        ("http://xn--bcher-kva.example", "http://xn--bcher-kva.example", ""),
    ])
    func aWebAddress_becomesALink(text: String, address: String, rest: String) {
        let html = TextHTML.render(text)
        #expect(html.contains("<a rel=\"nofollow noopener ugc\" href=\"\(address)\">\(address)</a>\(rest)"), "\(html)")
    }

    @Test(arguments: [
        "javascript:alert(1)", "data:text/html,x", "xhttp://e.org", "http://", "http:// e.org", "https:///x",
        "ftp://e.org",
        "http://\u{202E}", "éhttp://e.org", "h", "https:/",
        "http://[", "http://[::1", "http://[1.2.3.4]", "http://[::g]/",
        "http://e.org:80:80/", "http://e.org:65536/", "http://e.org:x/",
        "http://e.org:80x", "http://1.2.3/",
        "http://1.2.3.256/", "http://e.0x7f/", "http://2130706433/", "http://e%2eorg/", "http://e.org[",
        "http://-e.org", "http://bank.org@e.org/", "http://bank.org:80@e.org/",
        "http://bank:org@e.org/", "http://[::1]:x",
    ])
    func whatIsNoWebAddress_staysText(text: String) {
        #expect(!TextHTML.render(text).contains("<a"))
    }

    @Test func carriageReturns_becomeNewlines() {
        #expect(TextHTML.render("a\r\nb\rc\n\rd") == "a\nb\nc\n\nd")
    }

    @Test func anIdenticon_isTheSameForOneKeyAndDiffersBetweenKeys() {
        let keys = (0..<200).map { "ed25519:key\($0)" }
        #expect(keys.map(Identicon.svg) == keys.map(Identicon.svg))
        #expect(Set(keys.map(Identicon.svg)).count > 190)
        #expect(!Identicon.svg(for: "x").contains("style"))
    }

    @Test func aTime_isWrittenInUTC() {
        #expect(When.text(Fixture.now) == "22 Nov 2026, 19:50 UTC")
        #expect(When.text(0) == "1 Jan 1970, 00:00 UTC")
        #expect(When.text(.max).hasSuffix("9999, 23:59 UTC"))
    }

    @Test func aSpan_isWrittenInItsLargestUnit() {
        #expect(When.span(60_000) == "1 minute")
        #expect(When.span(7_300_000) == "2 hours")
        #expect(When.span(5 * 86_400_000) == "5 days")
    }
}
