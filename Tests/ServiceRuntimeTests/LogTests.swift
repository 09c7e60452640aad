import Logging
import Testing

@testable import ServiceRuntime

@Suite struct LogTests {
    @Test func line_hasTimeLevelServiceMessageAndSortedMetadata() {
        let line = LogLine(
            time: 1_795_374_000_123, level: .notice, service: "router", message: "listening",
            metadata: ["udp": "0.0.0.0:42424", "reason": "two words", "empty": "", "quote": "a\"b"]
        ).text
        #expect(
            line == "2026-11-22T19:00:00.123Z notice router: listening empty=\"\" quote=\"a\\\"b\" "
                + "reason=\"two words\" udp=0.0.0.0:42424\n")
    }

    @Test func foreignControlCharacters_cannotForgeALine() {
        let line = LogLine(
            time: 0, level: .info, service: "router", message: "bad\nline", metadata: ["from": "x\n2026 \u{1B}[2J"]
        ).text
        #expect(line == "1970-01-01T00:00:00.000Z info router: bad\\nline from=\"x\\n2026 \\u{1B}[2J\"\n")
    }

    @Test func levelAndFormat_areReadOrRefused() throws {
        #expect(try Log.level("Debug") == .debug)
        #expect(try Log.format("JSON") == .json)
        let error = try #require(throws: FailureReport.self) { try Log.level("loud") }
        #expect(error.message == "expected one of: trace debug info notice warning error critical")
        #expect(throws: FailureReport.self) { try Log.format("xml") }
    }

    @Test func jsonLine_hasTheMetadataAsKeys() {
        let line = LogLine(
            time: 1_795_374_000_123, level: .notice, service: "router", message: "routing",
            metadata: ["udp": "0.0.0.0:42424", "stores": ["a", "b"], "peer": ["port": "1"], "time": "x"]
        ).json
        #expect(
            line == #"{"time":"2026-11-22T19:00:00.123Z","level":"notice","service":"router","message":"routing","#
                + #""peer":{"port":"1"},"stores":["a","b"],"time_":"x","udp":"0.0.0.0:42424"}"# + "\n")
    }

    @Test func jsonLine_escapesWhatATerminalObeys() {
        let line = LogLine(
            time: 0, level: .info, service: "router", message: "a\"b\\c\n\u{1B}[2J\u{E0041}ä\r\u{202E}"
        ).json
        #expect(line.contains(#""message":"a\"b\\c\n\u001b[2J\udb40\udc41ä\u000d\u202e"}"#))
    }
}
