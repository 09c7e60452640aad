import Glibc
import ServiceRuntime
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("5s", Duration.seconds(5)), ("300ms", .milliseconds(300)), ("2m", .seconds(120)), ("2min", .seconds(120)),
        ("1h", .seconds(3_600)), ("1d", .seconds(86_400)), ("7", .seconds(7)), ("1.5s", .milliseconds(1_500)),
        ("0", .zero),
    ])
    func durationAsWritten_isRead(text: String, expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(arguments: ["", "s", "-1s", "5 s", "5x", "1e9", "1..5s", ".5s", "5.", "99999999999999999999d", "nan", "٣s"])
    func anythingElse_isRefused(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        (Duration.milliseconds(300), "300 ms"), (.seconds(5), "5 s"), (.seconds(125), "2 min 5 s"),
        (.seconds(7_200), "2 h"), (.seconds(90_000), "1 d 1 h"), (.zero, "0 s"),
    ])
    func duration_isDescribedInTwoUnits(duration: Duration, expected: String) {
        #expect(DurationText.describe(duration) == expected)
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", Int64(0)), ("2026-11-22T19:00:00.123Z", 1_795_374_000_123),
        ("2000-02-29T23:59:59.999Z", 951_868_799_999), ("1969-12-31T23:59:59.999Z", -1),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("0000-01-01T00:00:00.000Z", -62_167_219_200_000),
    ])
    func time_isWrittenAndReadBack(text: String, milliseconds: Int64) {
        #expect(Timestamp.text(milliseconds) == text)
        #expect(Timestamp.parse(text) == milliseconds)
    }

    @Test(arguments: [Int64.min, .max])
    func immenseTime_isClampedInsteadOfTrapping(milliseconds: Int64) {
        #expect(Timestamp.text(milliseconds).utf8.count == 24)
    }

    @Test(arguments: [
        ("2026-11-22", Int64(1_795_305_600_000)), ("2026-11-22T19:00", 1_795_374_000_000),
        ("2026-11-22 19:00:00", 1_795_374_000_000), ("2026-11-22T20:00:00+01:00", 1_795_374_000_000),
        ("2026-11-22T14:00:00.5-0500", 1_795_374_000_500),
    ])
    func shorterForms_areRead(text: String, milliseconds: Int64) {
        #expect(Timestamp.parse(text) == milliseconds)
    }

    @Test func timeWithoutAZone_isOfTheGivenOne() {
        var asked: [Int64] = []
        let offset: (Int64) -> Int64 = { local in
            asked.append(local)
            return -3_600_000
        }
        #expect(Timestamp.parse("1970-01-01", offset: offset) == 3_600_000)
        #expect(Timestamp.parse("1970-01-01T02:00", offset: offset) == 10_800_000)
        #expect(asked == [0, 7_200_000])
        #expect(Timestamp.parse("1970-01-01T02:00+02:00", offset: offset) == 0)
    }

    @Test(
        arguments: [
            ("+13:00", 46_800_000), ("-0330", -12_600_000), ("Z", 0), ("", nil), ("+13", nil), ("+24:00", nil),
            ("13:00", nil),
            ("+13:00 ", nil),
        ] as [(String, Int64?)])
    func zone_isRead(text: String, milliseconds: Int64?) {
        #expect(Timestamp.offset(ofZone: text) == milliseconds)
    }

    /// Whatever the zone is in which this runs.
    @Test func localOffset_isWhatTheSystemHas() {
        for time in stride(from: Int64(1_700_000_000), to: 1_735_000_000, by: 2_000_003) {
            var (seconds, parts) = (Int(time), tm())
            localtime_r(&seconds, &parts)
            let offset = Int64(parts.tm_gmtoff)
            let other = Timestamp.localOffset((time + offset) * 1_000)
            // In the hour that summer time has twice it may be the other one.
            #expect(other == offset * 1_000 || abs(other - offset * 1_000) == 3_600_000)
        }
    }

    @Test(arguments: [
        "2026-13-01", "2026-02-30", "2026-11-22T24:00", "2026-11-22T19", "2026-11-22T19:00Zx", "22.11.2026", "",
        "2026-11-2２",
    ])
    func impossibleTime_isRefused(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }
}

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("plain äöü 日本 👩‍👩‍👧", "plain äöü 日本 👩‍👩‍👧"), ("a\u{1B}[2Jb", "a\\u{1B}[2Jb"), ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\u{9B}31m", "\\u{9B}31m"), ("\u{202E}evil", "\\u{202E}evil"), ("x\u{2066}y", "x\\u{2066}y"),
        ("\u{2028}", "\\u{2028}"), ("\u{7F}", "\\u{7F}"), ("\r\n", "\\r\\n"),
    ])
    func dangerousCharacters_areEscaped(text: String, expected: String) {
        #expect(SafeText.line(text) == expected)
    }

    @Test func severalLines_keepOnlyNewlineAndTab() {
        #expect(SafeText.lines("a\n\tb\r\u{1B}") == "a\n\tb\\r\\u{1B}")
    }
}
