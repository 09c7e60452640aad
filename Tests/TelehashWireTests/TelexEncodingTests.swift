import TestSupport
import Testing

@testable import TelehashWire

@Suite struct TelexEncodingTests {
    @Test func telex_whenItIsWrittenAndRead_isTheSame() throws {
        let telex = try decoded(fullTelex).get()
        #expect(try decoded(telex.encoded()).get() == telex)
    }

    @Test func writtenTelex_isWhatOtherReadersUnderstand() throws {
        let json = try JSON(parsing: String(decoding: decoded(fullTelex).get().encoded(), as: UTF8.self))
        #expect(json["_to"] == .string("1.2.3.4:5"))
        #expect(json["_ring"] == .number(77))
        #expect(json["_line"] == .number(302_161_620))
        #expect(json["_br"] == .number(1997))
        #expect(json["_hop"] == .number(2))
        #expect(json[".see"] == .array([.string("127.0.0.1:46101"), .string("[2001:db8::1]:42424")]))
        #expect(json[".tap"][0]["is"]["n"] == .string("5"))
        #expect(json[".tap"][0]["has"] == .array([.string("+key"), .string("+pop")]))
        #expect(json[".tap"][1] == .object(["is": .object([:]), "has": .array([.string("+a")])]))
        #expect(json["+message"] == .string("grüße 😀 \"x\"\n☃"))
        #expect(json["+guid"] == .string("17.5"))
        #expect(json["note"] == .string("kept"))
    }

    @Test func writtenTelex_isCompact() {
        let telex = Telex(
            to: Endpoint("1.2.3.4:5"), line: 35, br: 0, see: [], tap: [],
            signals: Signals(["+b": "\u{1}\u{7f}/", "+a": "\\"]))
        #expect(
            String(decoding: telex.encoded(), as: UTF8.self)
                == "{\"_to\":\"1.2.3.4:5\",\".see\":[],\"_line\":35,\"_br\":0,\".tap\":[],\"+a\":\"\\\\\",\"+b\":\"\\u0001\u{7f}/\"}"
        )
        #expect(Telex().encoded() == Array("{}".utf8))
    }

    @Test func everyCharacter_comesBack() throws {
        for scalar in (0...0x10ffff).compactMap(Unicode.Scalar.init)
        where scalar.value < 0x300 || scalar.value % 997 == 0 {
            let text = "a\(Character(scalar))b"
            let bytes = Telex(signals: Signals(["+text": text, "+\(Character(scalar))": ""])).encoded()
            let back = try decoded(bytes).get().signals
            #expect(back.count == 2)
            #expect(back["+text"].map { Array($0.utf8) } == Array(text.utf8))
        }
    }

    @Test func signalsFromAnEscapedTelex_areWrittenAsTheirOwnJSON() throws {
        let escaped = try decoded("{\"\\u002be\":\"\\u0061\\/\\u000a\\u001f\\u0022\\u00e9\"}").get().signals
        #expect(String(decoding: escaped.encoded, as: UTF8.self) == "\"+e\":\"a/\\n\\u001f\\\"é\"")
        #expect(escaped == Signals(["+e": "a/\n\u{1f}\"é"]))
    }

    @Test func writer_knowsItsSize() {
        var writer = TelexWriter()
        #expect(writer.byteCount == 2)
        writer.ring(5)
        writer.hop(0)
        let size = writer.byteCount
        #expect(writer.finish().count == size)
    }

    @Test func padding_fillsUpToTheSize() throws {
        for size in [0, 20, 21, 22, 60, 300] {
            var writer = TelexWriter()
            writer.ring(12345)
            let bare = writer.byteCount
            writer.pad(to: size)
            let bytes = writer.finish()
            #expect(bytes.count == (size >= bare + 9 ? size : bare))
            #expect(try decoded(bytes).get().ring == 12345)
        }
    }

    @Test func integers_areWrittenWhole() throws {
        for number in [0, 1, 9, 10, 99, 32_768, 1 << 30, 1 << 53] {
            #expect(Telex(br: number).encoded() == Array("{\"_br\":\(number)}".utf8))
        }
        var writer = JSONWriter(.wire)
        writer.member("least", Int.min)
        #expect(writer.bytes == Array("\"least\":-9223372036854775808".utf8))
    }
}
