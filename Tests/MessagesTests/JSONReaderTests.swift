import Foundation
import TelehashWire
import Testing

@testable import Messages

@Suite struct JSONReaderTests {
    private func code(_ json: String) -> MessageError.Code? {
        messageError { try SignedMessage(json: json) }?.code
    }

    @Test(arguments: [
        "", " ", "null", "[]", "5", "\"x\"", "{", "}", "{}", "{]", "{\"signals\"}", "{\"signals\":}", "{\"signals\":{}",
        "{\"signals\":{},}", "{,\"signals\":{}}", "{\"signals\":{}}x", "{\"signals\":{}}{}", "{signals:{}}",
        "{'signals':{}}",
        "{\"signals\":[]}", "{\"signals\":null}", "{\"signals\":\"\"}", "{\"signals\":{\"+a\":1}}",
        "{\"signals\":{\"+a\":null}}",
        "{\"signals\":{\"+a\":[]}}", "{\"signals\":{\"+a\":\"\",}}", "{\"signals\":{\"+a\"\"\"}}",
        "{\"id\":5,\"signals\":{}}",
        "{\"id\":[],\"signals\":{}}", "{\"x\":tru,\"signals\":{}}", "{\"x\":NaN,\"signals\":{}}",
        "{\"x\":01,\"signals\":{}}",
        "{\"x\":1.,\"signals\":{}}", "{\"x\":.5,\"signals\":{}}", "{\"x\":+1,\"signals\":{}}",
        "{\"x\":1e,\"signals\":{}}",
        "{\"x\":-,\"signals\":{}}", "{\"x\":[1 2],\"signals\":{}}", "{\"x\":[1,],\"signals\":{}}",
        "{\"x\":[,1],\"signals\":{}}",
        "{\"x\":{\"a\":1,},\"signals\":{}}", "{\"x\":{\"a\"},\"signals\":{}}", "{\"x\":[}],\"signals\":{}}",
        "{\"x\":\"\n\",\"signals\":{}}",
        "{\"x\":\"\\x\",\"signals\":{}}", "{\"x\":\"\\u12g4\",\"signals\":{}}", "{\"x\":\"\\u12\",\"signals\":{}}",
        "{\"x\":\"\\",
        "{\"x\":\"", "{\"x\":\"\\u", "/* */{\"signals\":{}}", "\u{feff}{\"signals\":{}}",
    ])
    func malformedJSON_isRefusedWithThatCode(_ json: String) {
        #expect(code(json) == .jsonMalformed)
    }

    @Test func anObjectWithoutSignals_saysSo() {
        #expect(messageError { try SignedMessage(json: "{}") }?.message.contains("signals") == true)
        #expect(code(#"{"signals":{}}"#) == .missingSignal)
    }

    @Test(arguments: [
        #"{"signals":{"+a":"1","+a":"1"}}"#, #"{"signals":{"+a":"1","\u002ba":"2"}}"#, #"{"signals":{},"signals":{}}"#,
        #"{"signals":{},"signal\u0073":{}}"#, #"{"x":1,"x":2,"signals":{}}"#,
    ])
    func aRepeatedKey_isRefusedHoweverItIsEscaped(_ json: String) {
        #expect(code(json) == .jsonMalformed)
    }

    @Test func keysThatOnlyLookEqual_areRefusedWithoutATrap() throws {
        let keys = "\"+é\":\"1\",\"+e\u{301}\":\"2\""
        let json = try SignedMessage(signals: sampleSignals()).json()
            .replacing(#""signals":{"#, with: "\"signals\":{\(keys),")
        #expect(code(json) == .signalMalformed)
        #expect(code("{\"signals\":{\(keys)}}") == .missingSignal)
    }

    @Test(arguments: [
        #"\ud83d"#, #"\ude00"#, #"\ud83dx"#, #"\ud83d\n"#, #"\ud83d\u0041"#, #"\ud83d\ud83d"#, #"\ude00\ud83d"#,
        #"\ud83d\"#,
    ])
    func halfOfASurrogatePair_isRefused(_ escape: String) {
        #expect(code(#"{"x":"\#(escape)","signals":{}}"#) == .jsonMalformed)
    }

    @Test func escapes_areUnderstood() throws {
        let json = #"{"x":"\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83D\uDE00\u0000é😀"}"#
        let text = try JSONObject(reading: json.bytes).string("x")
        #expect(text?.bytes == "\"\\/\u{8}\u{c}\n\r\té€😀\u{0}é😀".bytes)
    }

    @Test func bytesThatAreNotUTF8_areRefused() throws {
        let good = try SignedMessage(signals: sampleSignals()).json()
        for broken in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] as [[UInt8]] {
            var bytes = Array(good.utf8)
            let place = try #require(bytes.firstIndex(of: UInt8(ascii: "h")))
            bytes.insert(contentsOf: broken, at: place)
            #expect(messageError { try SignedMessage(json: bytes) }?.code == .jsonMalformed)
        }
    }

    @Test func depth_of32LevelsIsRead_33AreNot() throws {
        let signals = try #require(
            try SignedMessage(signals: sampleSignals()).json().split(separator: #""signals":"#).last)
        func nested(_ levels: Int, _ open: String, _ close: String) -> String {
            let value = String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
            return #"{"x":\#(value),"signals":\#(signals)"#
        }
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")] {
            let each = open.count > 5 ? 2 : 1
            let most = (WireLimits.nesting - 1) / each
            #expect(throws: Never.self, "\(open)") { try SignedMessage(json: nested(most, open, close)) }
            #expect(code(nested(most + 1, open, close)) == .jsonMalformed)
        }
    }

    @Test func depthBombs_areRefusedOnASmallStack() async throws {
        let bombs = ["[", #"{"a":"#, #"[{"a":"#].map { open in
            #"{"x":"# + String(repeating: open, count: (MessageLimits.jsonBytes - 10) / open.utf8.count)
        }
        let codes: [MessageError.Code?] = await withCheckedContinuation { continuation in
            let thread = Thread {
                let codes = bombs.map { bomb -> MessageError.Code? in
                    do throws(MessageError) { _ = try SignedMessage(json: bomb) } catch { return error.code }
                    return nil
                }
                continuation.resume(returning: codes)
            }
            thread.stackSize = 128 * 1024
            thread.start()
        }
        #expect(codes == [.jsonMalformed, .jsonMalformed, .jsonMalformed])
    }

    @Test func jsonOf64kB_isRead_oneByteMoreIsNot() throws {
        let json = try SignedMessage(signals: sampleSignals()).json()
        let full = json + String(repeating: " ", count: MessageLimits.jsonBytes - json.utf8.count)
        #expect(throws: Never.self) { try SignedMessage(json: full) }
        #expect(code(full + " ") == .jsonTooLong)
        #expect(code(String(repeating: "[", count: 1 << 20)) == .jsonTooLong)
    }

    @Test func randomChanges_neverTrap() throws {
        var random = SeededGenerator(seed: 19)
        let seed = Array(try SignedMessage(signals: sampleSignals(["+name": "é\"\\"])).json().utf8)
        let interesting = Array(#"{}[]",:\u0e+-.tfn "#.utf8)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] = interesting.randomElement(using: &random) ?? 0
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                default: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: place)
                }
            }
            guard let message = try? SignedMessage(json: bytes) else { continue }
            #expect(try SignedMessage(json: message.json()) == message)
        }
    }
}
