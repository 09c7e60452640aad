import TestSupport
import Testing

@testable import TelehashWire

/// What is JSON at all, and what of it is a telex.
@Suite struct TelexGrammarTests {
    @Test(arguments: [
        "{}", " {} ", "\t\r\n{\n}\n", "{\"a\":1}\n", "{\"\":\"\"}", "{\"a\":-0}", "{\"a\":0.5e-7}", "{\"a\":1E+400}",
        "{\"a\":123456789012345678901234567890}", "{\"a\":true,\"b\":false,\"c\":null}",
        "{\"a\":[[],{},[1,2],{\"a\":{\"b\":[]}}]}", "{\"a\":\"\\u0000\\b\\f\\n\\r\\t\\/\\\\\\\"\"}",
        "{\"a\":\"\u{7f}\u{2028}\u{10ffff}\"}", "{\"a\":\"\\ud83d\\ude00\\uffff\"}",
        "{\"a\" : [ 1 , 2 ] , \"b\" : { } }",
        "{\"constructor\":1,\"__proto__\":{}}", "{\"a\":1,\"a\":2}",
    ])
    func text_whenItIsAnObject_isATelex(_ text: String) {
        #expect(throws: Never.self) { try decoded(text).get() }
    }

    @Test(arguments: [
        ("", TelexError.empty),
        (" ", .truncated), ("{", .truncated), ("{\"a", .truncated), ("{\"a\"", .truncated), ("{\"a\":", .truncated),
        ("{\"a\":1", .truncated), ("{\"a\":1,", .truncated), ("{\"a\":tru", .truncated), ("{\"a\":\"\\", .truncated),
        ("{\"a\":\"\\u12", .truncated), ("{\"a\":[1", .truncated), ("{\"a\":-", .truncated), ("{\"a\":1.", .truncated),
        ("{\"a\":1e", .truncated), ("{\"a\":1e+", .truncated),
        ("null", .notAnObject), ("[]", .notAnObject), ("[{}]", .notAnObject), ("5", .notAnObject),
        ("\"text\"", .notAnObject), ("true", .notAnObject), ("hello", .notAnObject), ("\0", .notAnObject),
        ("\u{feff}{}", .notAnObject),
        ("{}{}", .trailingBytes), ("{}x", .trailingBytes), ("{}\0", .trailingBytes), ("{}]", .trailingBytes),
        ("{,}", .malformed), ("{\"a\":1,}", .malformed), ("{\"a\":[1,]}", .malformed), ("{\"a\":[,1]}", .malformed),
        ("{\"a\" 1}", .malformed), ("{\"a\":1 \"b\":2}", .malformed), ("{a:1}", .malformed), ("{'a':1}", .malformed),
        ("{1:1}", .malformed), ("{\"a\":[1}}", .malformed), ("{\"a\":{\"b\":1]}", .malformed),
        ("{\"a\":tRue}", .malformed), ("{\"a\":nul1}", .malformed), ("{\"a\":NaN}", .malformed),
        ("{\"a\":Infinity}", .malformed), ("{\"a\":+1}", .malformed), ("{\"a\":01}", .malformed),
        ("{\"a\":-01}", .malformed), ("{\"a\":.5}", .malformed), ("{\"a\":1.}", .malformed),
        ("{\"a\":1.e5}", .malformed),
        ("{\"a\":0x10}", .malformed), ("{\"a\":1e}", .malformed), ("{\"a\":--1}", .malformed),
        ("{\"a\":1 2}", .malformed),
        ("{\"a\":\"\n\"}", .malformed), ("{\"a\":\"\t\"}", .malformed), ("{\"a\":\"\0\"}", .malformed),
        ("{\"a\":\"\\x41\"}", .malformed), ("{\"a\":\"\\u12g4\"}", .malformed), ("{\"a\":\"\\\n\"}", .malformed),
        ("{\"a\":1}/**/", .trailingBytes), ("{/**/}", .malformed), ("{\"a\":\u{a0}1}", .malformed),
        ("{\"a\":\"\\ud800\"}", .loneSurrogate), ("{\"a\":\"\\udc00\"}", .loneSurrogate),
        ("{\"a\":\"\\ud800x\"}", .loneSurrogate), ("{\"a\":\"\\ud800\\n\"}", .loneSurrogate),
        ("{\"a\":\"\\ud800\\ud800\"}", .loneSurrogate), ("{\"a\":\"\\udc00\\ud800\"}", .loneSurrogate),
        ("{\"a\":\"\\udc00\\udc00\"}", .loneSurrogate),
        ("{\"a\":\"\\ud800\\u0041\"}", .loneSurrogate), ("{\"\\udfff\":1}", .loneSurrogate),
        ("{\"a\":[\"\\ud800\"]}", .loneSurrogate),
    ])
    func text_whenItIsNone_hasAReason(_ text: String, _ reason: TelexError) {
        #expect(decoded(text) == .failure(reason))
    }

    @Test(
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xc2, 0x41], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf],
            [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xe2, 0x98], [0xe2, 0x28, 0xa1], [0xf0, 0x8f, 0xbf, 0xbf],
            [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff], [0xe9],
            [0xbf, 0xbf], [0xf8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func bytes_whenTheyAreNotUTF8_areRefusedAnywhere(_ bytes: [UInt8]) {
        #expect(decoded(Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)) == .failure(.notUTF8))
        #expect(decoded(Array("{}".utf8) + bytes) == .failure(.notUTF8))
        #expect(decoded(bytes) == .failure(.notUTF8))
    }

    @Test func utf8Check_agreesWithTheStandardLibrary() {
        for first in UInt8.min...UInt8.max {
            for second: UInt8 in [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff] {
                for third: UInt8 in [0x41, 0x80, 0xbf, 0xc2] {
                    for fourth: UInt8 in [0x41, 0x80, 0xbf] {
                        let bytes = [first, second, third, fourth]
                        let isRefused = decoded(bytes) == .failure(.notUTF8)
                        #expect(isRefused == (String(validating: bytes, as: UTF8.self) == nil), "\(bytes)")
                    }
                }
            }
        }
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func nesting_whenItIsTooDeep_isRefusedAtTheLimit(_ open: String, _ close: String) {
        func telex(depth: Int, closed: Bool = true) -> String {
            let inner = depth - 1
            let value = open == "[" && closed ? "" : "1"
            return "{\"x\":" + String(repeating: open, count: inner) + value
                + (closed ? String(repeating: close, count: inner) + "}" : "")
        }
        #expect(throws: Never.self) { try decoded(telex(depth: WireLimits.nesting)).get() }
        #expect(decoded(telex(depth: WireLimits.nesting + 1)) == .failure(.nestedTooDeep))
        #expect(decoded(telex(depth: 700, closed: false)) == .failure(.nestedTooDeep))
        for command in [".see", ".tap", "+end", "_to", "_hop"] {
            #expect(decoded("{\"\(command)\":" + String(repeating: open, count: 467)) == .failure(.nestedTooDeep))
        }
        let inRule = "{\".tap\":[{\"is\":{\"a\":" + String(repeating: open, count: 29)
        #expect(decoded(inRule) == .failure(.nestedTooDeep))
    }

    @Test func nesting_whenItIsManyBracketsOnly_isNoObject() {
        #expect(decoded(String(repeating: "[", count: 700)) == .failure(.notAnObject))
        #expect(decoded(String(repeating: "{\"a\":", count: 467)) == .failure(.nestedTooDeep))
    }

    @Test func size_whenItIsAboveTheLimit_isRefused() {
        func telex(bytes: Int) -> String { "{\"a\":\"" + String(repeating: "x", count: bytes - 8) + "\"}" }
        #expect(throws: Never.self) { try decoded(telex(bytes: 8192)).get() }
        #expect(decoded(telex(bytes: 8193)) == .failure(.tooLong))
    }

    @Test func keys_whenThereAreTooMany_areRefused() {
        func telex(keys: Int) -> String { "{" + (0..<keys).map { "\"+\($0)\":1" }.joined(separator: ",") + "}" }
        #expect(throws: Never.self) { try decoded(telex(keys: WireLimits.keys)).get() }
        #expect(decoded(telex(keys: WireLimits.keys + 1)) == .failure(.tooManyKeys))
    }

    @Test(arguments: [
        "_to", "_ring", "_line", "_br", "_hop", ".see", ".tap", "+end", "_other", ".other", "+", "_", ".",
    ])
    func reservedKey_whenItComesTwice_isRefused(_ key: String) {
        let escaped = "\\u00" + String(key.utf8.first ?? 0, radix: 16) + key.dropFirst()
        for (first, second) in [(key, key), (key, escaped), (escaped, key), (escaped, escaped)] {
            for (a, b) in [("1", "1"), ("null", "1"), ("1", "null"), ("[]", "1")] {
                let text = "{\"\(first)\":\(a),\"x\":0,\"\(second)\":\(b)}"
                switch decoded(text) {
                case .failure(.duplicateKey): break
                case .failure(.badRing), .failure(.badLine), .failure(.badByteCount): #expect(a == "[]")
                case let other: Issue.record("\(text) became \(other)")
                }
            }
        }
    }

    @Test func everyPrefixOfATelex_isRefused() {
        let bytes = Array(fullTelex.utf8)
        #expect(throws: Never.self) { try decoded(bytes).get() }
        for count in 1..<bytes.count {
            let result = decoded(Array(bytes[..<count]))
            #expect(result == .failure(.truncated) || result == .failure(.notUTF8), "cut at \(count)")
        }
    }

    @Test func reasons_haveStableSnakeCaseNames() {
        for reason in TelexError.allCases {
            #expect(reason.rawValue.hasPrefix("telex_"))
            #expect(reason.rawValue.allSatisfy { $0 == "_" || ("a"..."z").contains($0) || $0.isNumber })
        }
        #expect(Set(TelexError.allCases.map(\.rawValue)).count == TelexError.allCases.count)
    }
}
