import TelehashWire
import Testing

/// What kills the programs of 2011 (each measured on them), and what strict readers of their telexes stumble over.
@Suite struct TelexHostileTests {
    @Test(arguments: [
        ("not json", TelexError.notAnObject), ("", .empty), ("{\"+end\":\"8bf1cce9", .truncated),
        ("null", .notAnObject),
        ("[]", .notAnObject), ("5", .notAnObject), ("\"text\"", .notAnObject), ("true", .notAnObject),
    ])
    func datagram_thatIsNoTelex_isNamed(_ text: String, _ reason: TelexError) {
        #expect(decoded(text) == .failure(reason))
    }

    @Test(arguments: ["null", "[]", "{}", "[\"8bf1cce916417d16b7554135b6b075fb16dd26ce\"]"])
    func end_thatIsNoScalar_isNoSignal(_ json: String) throws {
        #expect(try decoded("{\"+end\":\(json)}").get().signals.isEmpty)
    }

    @Test(arguments: [("\"\"", ""), ("5", "5"), ("\"no hex\"", "no hex")])
    func end_thatIsNoHash_isASignalAllTheSame(_ json: String, _ text: String) throws {
        #expect(try decoded("{\"+end\":\(json)}").get().signals["+end"] == text)
    }

    @Test func pop_thatIsANumber_isText() throws {
        #expect(try decoded("{\"+end\":\"x\",\"+pop\":5}").get().signals["+pop"] == "5")
    }

    @Test(arguments: [
        "\"127.0.0.1:5\"", "[null]", "[5]", "[\"\"]", "[{}]", "[\"1.2.3.4\"]", "[\"1.2.3.4:99999\"]", "{}",
        "[\"seed.example:42424\"]",
    ])
    func see_withNothingToDial_namesNobody(_ json: String) throws {
        #expect(try decoded("{\".see\":\(json)}").get().see ?? [] == [])
    }

    @Test func key_thatIsAPropertyOfEveryObject_isPlainData() throws {
        #expect(try decoded("{\"constructor\":1,\"toString\":2,\"hasOwnProperty\":3}").get().fields.count == 3)
    }

    @Test func text_beyondLatin1_isRelayedAsUTF8() throws {
        for text in ["grüße", "☃", "😀", "\u{202e}right to left"] {
            let escaped = text.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()
            let raw = try decoded("{\"+message\":\"\(text)\"}").get()
            let unescaped = try decoded("{\"+message\":\"\(escaped)\"}").get()
            #expect(raw == unescaped)
            #expect(raw.encoded() == Array("{\"+message\":\"\(text)\"}".utf8))
        }
    }

    @Test func text_thatPerlRelayedAsLatin1_isRefused() {
        #expect(decoded(Array("{\"+message\":\"gr".utf8) + [0xfc] + Array("n\"}".utf8)) == .failure(.notUTF8))
    }

    @Test func receiverOf2011_isUnderstood() throws {
        let telex = try decoded("{\".tap\":[{\"has\":[\"+key\"]}],\"_line\":29413,\"_to\":\"208.68.163.247:42424\"}")
            .get()
        #expect(telex.tap == [TapRule(has: ["+key"])])
        #expect(telex.line == 29413)
        #expect(telex.br == nil)
    }

    @Test func trailingNewline_isFine() throws {
        #expect(try decoded("{\".pop\":1,\"_br\":-10000}\n").get().br == 0)
    }

    @Test func greetingWithNothingInIt_isATelex() throws {
        #expect(try decoded("{\"_to\":\"1.2.3.4:5\",\"_ring\":5,\"_br\":0}").get().signals.isEmpty)
    }

    @Test func ringAndLineTogether_areBothRead() throws {
        let telex = try decoded("{\"_ring\":5,\"_line\":35}").get()
        #expect(telex.ring == 5 && telex.line == 35)
    }

    @Test func lineAboveEverything_dropsTheTelexWithAllItsCommands() {
        #expect(decoded("{\"_line\":4611686018427387904,\".tap\":[{}],\"+end\":\"x\"}") == .failure(.badLine))
    }
}
