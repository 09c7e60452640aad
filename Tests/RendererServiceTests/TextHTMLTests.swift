import Messages
import Testing

@testable import RendererService

@Suite struct TextHTMLTests {
    @Test(arguments: [
        ("see https://e.org/a?b=1&c=2.", "https://e.org/a?b=1&amp;c=2", "."),
        ("(http://e.org/x_(y))", "http://e.org/x_(y)", ")"),
        ("HTTPS://E.org!", "HTTPS://E.org", "!"),
        ("http://[::1]:8080/", "http://[::1]:8080/", ""),
        ("https://e.org/'onclick='x", "https://e.org/&#39;onclick=&#39;x", ""),
        ("https://e.org/a\u{202E} b", "https://e.org/a", "\u{202E} b"),
        ("https://e.org/\"onclick", "https://e.org/", "&quot;onclick"),
        ("http://e.org,http://f.org", "http://e.org", ","),
        ("http://e.org: see", "http://e.org", ":"),
        ("http://e.org:80?q=@x", "http://e.org:80?q=@x", ""),
        ("http://e.org#[a]", "http://e.org#[a]", ""),
        ("http://1.22.255.0/x", "http://1.22.255.0/x", ""),
        ("http://1.e.org-", "http://1.e.org", "-"),
        ("http://[2001:db8::1]。", "http://[2001:db8::1]", "。"),
        ("http://xn--bcher-kva.example", "http://xn--bcher-kva.example", ""),
        ("https://münchen.de/", "https://münchen.de/", ""), ("https://MÜNCHEN.de, x", "https://MÜNCHEN.de", ", x"),
        ("https://bank.exämple.com/login", "https://bank.exämple.com/login", ""),
        ("https://de.example/wiki/Übung.", "https://de.example/wiki/Übung", "."),
        ("https://e.org/Ü/ß?q=ñ#é", "https://e.org/Ü/ß?q=ñ#é", ""), ("https://e.org/L’Été", "https://e.org/L’Été", ""),
        ("https://пример.рф/путь", "https://пример.рф/путь", ""), ("https://例え.jp/日本、", "https://例え.jp/日本", "、"),
        ("https://한국.kr", "https://한국.kr", ""), ("https://भारत.example", "https://भारत.example", ""),
        ("https://e.org/שלום/a", "https://e.org/שלום/a", ""), ("https://e.org/مرحبا؟", "https://e.org/مرحبا", "؟"),
        ("https://e.org/👩‍💻", "https://e.org/👩‍💻", ""), ("https://e.org/می‌شود", "https://e.org/می‌شود", ""),
        ("„https://e.org/ü“", "https://e.org/ü", "“"), ("（https://e.org/日）", "https://e.org/日", "）"),
        ("见：https://e.org/x，好", "https://e.org/x", "，好"), ("https://e.org/x” so", "https://e.org/x", "” so"),
        ("https://e.org/ü’ so", "https://e.org/ü", "’ so"), ("https://e.org/ü—", "https://e.org/ü", "—"),
        ("https://e.org/é–è", "https://e.org/é–è", ""), ("https://e.org。", "https://e.org", "。"),
        ("https://e.org\u{2028}next", "https://e.org", "\u{2028}next"),
        ("\u{2066}https://e.org/ü\u{2069}", "https://e.org/ü", "\u{2069}"),
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
        // Cut, they would be other addresses.
        "https://exam\u{200B}ple.org/", "https://e.org/a\u{202E}b", "https://e.org/a\u{AD}b", "https://e.org:80é",
        "https://o’reilly.example", "https://my\u{2011}bank.example", "https://bank。example", "http://[::1]é",
        "https://de.example/wiki/„Heroes“", "https://e.org→", "https://e.org\u{338}", "https://mu\u{308}nchen.de",
        // Letters that look like others.
        "https://аpple.example/", "https://аррӏе.com/", "https://пример.com", "https://ο.gr",
        "https://bank.comノlogin.jp",
        "https://paypaı.example", "https://bank.com\u{2044}login.example", "https://ɡoogle.example",
        // Read from right to left.
        "https://שלום.example/", "https://bank.example.שלום/",
    ])
    func whatIsNoWebAddress_staysText(text: String) {
        #expect(!TextHTML.render(text).contains("<a"))
    }

    /// Each begins many addresses whose end is no address, or ends with much that is none.
    @Test(arguments: [
        ("http://a/", "/„x"), ("http://[", ""), ("http://[", "]"), ("http://a.", "„"), ("http://a?é", "#„x"),
    ])
    func aTextEightTimesAsLong_takesAboutEightTimesAsLong(start: String, end: String) {
        func time(_ count: Int) -> Duration {
            let text = String(repeating: start, count: count) + end
            return (0..<3).map { _ in ContinuousClock().measure { _ = TextHTML.render(text) } }.min() ?? .zero
        }
        _ = time(1)
        let (short, long) = (time(100), time(800))
        #expect(long < short * 24, "\(short), \(long)")
    }

    @Test func brackets_areCountedOnce() {
        func time(_ count: Int) -> Duration {
            let text = "http://a.b/" + String(repeating: ")", count: count)
            return (0..<3).map { _ in ContinuousClock().measure { _ = TextHTML.render(text) } }.min() ?? .zero
        }
        let (short, long) = (time(100), time(1_300))
        #expect(long < short * 39, "\(short), \(long)")
    }

    /// What follows an address that is none may be one.
    @Test func addresses_behindOneThatIsNone_areFound() {
        let html = TextHTML.render("http://a/http://b/„x http://c/ http://d-„ http://e/x")
        #expect(Fixture.values(of: "href", in: html) == ["http://c/", "http://d", "http://e/x"])
    }

    @Test func carriageReturns_becomeNewlines() {
        #expect(TextHTML.render("a\r\nb\rc\n\rd") == "a<br>\nb<br>\nc<br>\n<br>\nd")
    }

    @Test func anIdenticon_isTheSameForOneKeyAndDiffersBetweenKeys() {
        let keys = (0..<200).map { _ in Identity.generate(.ed25519).publicKey }
        #expect(keys.map(Identicon.svg) == keys.map(Identicon.svg))
        #expect(Set(keys.map(Identicon.svg)).count > 190)
        #expect(!Identicon.svg(for: keys[0]).contains("style"))
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
