import Bus
import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import ClientCLI

@Suite struct TimeBoundTests {
    private let hex = String(repeating: "ab", count: 32)

    @Test func everyForm_isRead() throws {
        let cursor = try #require(Cursor("1795374000123-" + hex))
        #expect(TimeBound("1795374000123-" + hex) == .cursor(cursor))
        #expect(TimeBound("1795374000123") == .time(1_795_374_000_123))
        #expect(TimeBound("2026-11-22T19:00:00.123Z") == .time(1_795_374_000_123))
        #expect(TimeBound("2h", now: 7_200_500) == .time(500))
    }

    /// Today at UTC+13 begins when it is yesterday at UTC.
    @Test func dateAndTimeWithoutAZone_areOfTheMachinesZone() {
        let offset: (Int64) -> Int64 = { _ in 13 * 3_600_000 }
        let midnight: Int64 = 1_795_305_600_000 - 13 * 3_600_000
        #expect(TimeBound("2026-11-22", offset: offset) == .time(midnight))
        #expect(TimeBound("2026-11-22T01:00", offset: offset) == .time(midnight + 3_600_000))
        #expect(TimeBound("2026-11-22T00:00Z", offset: offset) == .time(1_795_305_600_000))
    }

    @Test(arguments: ["", "yesterday", "-1", "+5", "99999999999999999999", "2026-13-01"])
    func anythingElse_isRefused(text: String) {
        #expect(TimeBound(text) == nil)
    }

    @Test func moment_isCountedFromNow() throws {
        #expect(TimeBound("2h", now: 7_200_500)?.time == 500)
        #expect(TimeBound("2h", now: 5)?.time == 0)
        let place = try #require(TimeBound("77")?.cursor)
        let same = try #require(Cursor("77-" + hex))
        #expect(place < same, "a message of exactly that time is not before it")
    }
}

@Suite struct MessageTextTests {
    private let channel = Channel.tweets

    @Test func signedText_isShownWithoutAnythingATerminalObeys() throws {
        let message = try Identity.generate(.ed25519).sign(
            "one\ntwo \u{202E}three", channel: channel, at: 1_795_374_000_123)
        let lines = MessageText.lines(message, channel: "tweets", receivedAt: 1_795_374_000_500)
        let key = message.key.text.dropFirst("ed25519:".count)
        #expect(
            lines == """
                2026-11-22T19:00:00Z  ed25519:\(key.prefix(6))…\(key.suffix(4))  #tweets  \(message.id.hex)
                    one
                    two \\u{202E}three

                """)
    }

    @Test func timesFarApart_areBothShown() throws {
        let message = try Identity.generate(.ed25519).sign("x", channel: channel, at: 1_795_374_000_123)
        let lines = MessageText.lines(message, channel: nil, receivedAt: 1_795_374_000_123 + 3_600_000)
        #expect(lines.hasPrefix("2026-11-22T19:00:00Z (seen 2026-11-22T20:00:00Z)  "))
        #expect(lines.contains("end 8bf1cce916417d16b7554135b6b075fb16dd26ce"))
    }

    @Test func legacyMessage_isMarkedAsWeak() throws {
        let message = try Identity.sampleLegacy.sign("x", channel: channel, at: 0)
        let lines = MessageText.lines(message, channel: "tweets", receivedAt: 1_795_374_000_123)
        #expect(lines.hasPrefix("2026-11-22T19:00:00Z (seen)  2011:"))
        #expect(lines.contains("[2011: anybody can forge it]"))
    }
}

@Suite struct VerdictTests {
    private func verdict(_ json: String) throws -> Verdict { try Verdict(of: Array(json.utf8)) }

    @Test func signedMessage_isValid() throws {
        let message = try Identity.generate(.ed25519).sign("hello", channel: .tweets, at: 1)
        let verdict = try verdict(message.json(channel: "tweets", receivedAt: 2))
        #expect(verdict.isValid)
        let json = try JSON(parsing: verdict.json)
        #expect(json["valid"] == .bool(true))
        #expect(json["id"].string == message.id.hex)
        #expect(json["weak"] == .bool(false))
        #expect(json["reason"] == .null)
        #expect(verdict.text.hasPrefix("valid\nscheme  ed25519\n"))
    }

    @Test func textChangedAfterwards_isInvalid() throws {
        let message = try Identity.generate(.ed25519).sign("hello", channel: .tweets, at: 1)
        var signals = message.signals
        signals["+message"] = "hallo"
        let verdict = try verdict(try SignedMessage(signals: signals).json())
        #expect(!verdict.isValid)
        #expect(try JSON(parsing: verdict.json)["code"].string == "signature_wrong")
        #expect(verdict.text.hasPrefix("invalid: the signature does not belong"))
    }

    @Test func signalMissing_isInvalid() throws {
        let verdict = try verdict(#"{"signals":{"+message":"x"}}"#)
        #expect(!verdict.isValid)
        #expect(try JSON(parsing: verdict.json)["id"] == .null)
    }

    @Test func legacyMessage_isValidAndWeak() throws {
        let message = try Identity.sampleLegacy.sign("hello", channel: .tweets, at: 1)
        let verdict = try verdict(message.json())
        #expect(verdict.isValid)
        #expect(try JSON(parsing: verdict.json)["weak"] == .bool(true))
    }

    @Test(arguments: ["", "{", "[]", "not json", #"{"id":"x"}"#])
    func inputThatIsNoMessage_fails(input: String) throws {
        let error = try #require(throws: FailureReport.self) { try verdict(input) }
        #expect(error.status == .failed)
    }
}
