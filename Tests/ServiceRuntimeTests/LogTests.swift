import Logging
import Testing

@testable import ServiceRuntime

@Suite struct LogTests {
    @Test func line_hasTimeLevelServiceMessageAndSortedMetadata() {
        let line = LineLogHandler.line(
            time: 1_795_374_000_123, level: .notice, label: "router", message: "listening",
            metadata: ["udp": "0.0.0.0:42424", "reason": "two words", "empty": "", "quote": "a\"b"])
        #expect(
            line == "2026-11-22T19:00:00.123Z notice router: listening empty=\"\" quote=\"a\\\"b\" "
                + "reason=\"two words\" udp=0.0.0.0:42424\n")
    }

    @Test func foreignControlCharacters_cannotForgeALine() {
        let line = LineLogHandler.line(
            time: 0, level: .info, label: "router", message: "bad\nline", metadata: ["from": "x\n2026 \u{1B}[2J"])
        #expect(line == "1970-01-01T00:00:00.000Z info router: bad\\nline from=\"x\\n2026 \\u{1B}[2J\"\n")
    }

    @Test func levelVariable_isReadOrRefused() throws {
        #expect(try Log.level(in: ["P2PMSG_LOG_LEVEL": "Debug"]) == .debug)
        #expect(try Log.level(in: [:]) == nil)
        let error = try #require(throws: FailureReport.self) { try Log.level(in: ["P2PMSG_LOG_LEVEL": "loud"]) }
        #expect(error.status == .usage)
        #expect(error.message.hasPrefix("P2PMSG_LOG_LEVEL: 'loud' is none of: trace debug"))
    }
}
