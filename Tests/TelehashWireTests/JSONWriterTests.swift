import TelehashWire
import Testing

@Suite struct JSONWriterTests {
    @Test func members_keepTheirOrderAndAreEscaped() {
        var json = JSONWriter(.terminal)
        json.member("id", "a\"b\\c\n\u{1}/é\u{85}")
        json.member("none", nil as String?)
        json.member("list", ["x", "y"])
        json.member("n", 7 as Int64)
        json.member("yes", true)
        json.member("counts", ["b": 2, "a": UInt64.max])
        json.member("half", number: 0.5)
        json.member("no number", number: .nan)
        json.member("inner") { $0.member("a", array: [1, 2]) { $0.write(literal: "\($1)") } }
        #expect(
            json.object
                == #"{"id":"a\"b\\c\n\u0001/é\u0085","none":null,"list":["x","y"],"n":7,"yes":true,"#
                + #""counts":{"a":18446744073709551615,"b":2},"half":0.5,"no number":null,"inner":{"a":[1,2]}}"#)
    }

    /// What each policy makes of a text with everything that any of them escapes.
    @Test(
        arguments: [
            (.wire, #"\u001b\r"# + "\u{7f}\u{85}\u{2028}\u{202e}😀"),
            (.terminal, #"\u001b\r\u007f\u0085"# + "\u{2028}\u{202e}😀"),
            (.page, #"\u001b\u000d\u007f"# + "\u{85}\u{2028}\u{202e}😀"),
            (.stream, #"\u001b\r\u007f\u0085\u2028"# + "\u{202e}😀"),
            (.log, #"\u001b\u000d\u007f\u0085\u2028\u202e"# + "😀"),
        ] as [(JSONEscapes, String)])
    func text_isEscapedAsItsPolicyHasIt(_ escapes: JSONEscapes, _ expected: String) {
        let text = "\u{1b}\r\u{7f}\u{85}\u{2028}\u{202e}😀"
        // The plain runs around the escapes are long and short, and have characters of every length.
        for run in ["", "a", "plain text of more than eight bytes", "é", "€", "日本語", "😀"] {
            #expect(JSONWriter.quoted(run + text + run, escapes) == "\"\(run)\(expected)\(run)\"")
        }
        #expect(JSONWriter.quoted("\"\\\n\t", escapes) == #""\"\\\n\t""#)
        #expect(JSONWriter.quoted("\u{e0041}", escapes) == (escapes == .log ? #""\udb40\udc41""# : "\"\u{e0041}\""))
    }
}
