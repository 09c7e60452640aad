import MeshSimulator
import Telehash
import TestSupport
import Testing

/// Threats T15 and T22: numbers that are none, too large, too precise, or written in another way.
@Suite struct TelexNumberTests {
    /// What JSONTestSuite, and the programmers of half a century, have thought of.
    static func oddities() throws -> [String] {
        let suite = try JSONTestSuite.cases().filter { $0.name.contains("number") }.compactMap { test in
            // The suite wraps each number in an array.
            String(validating: test.bytes, as: UTF8.self)?.trimmingPrefix("[").description
        }.map { $0.hasSuffix("]") ? String($0.dropLast()) : $0 }
        return suite + [
            "0", "-0", "1", "2", "3", "4", "5", "-1", "-2", "-4", "-2147483648", "2147483647", "2147483648",
            "4294967296",
            "4294967297", "-4294967295", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "-9223372036854775809", "18446744073709551615", "18446744073709551616", "18446744073709551617",
            "340282366920938463463374607431768211457", "1.0", "1.000000000000000005", "1e0", "1E0", "10e-1", "0.1e1",
            "1e-999",
            "1e6", "1e400", "-1e400", "0e5", "1e", "00", "01", "+1", "1 ", " 1", "0x1", "1_000", "1,0", "NaN",
            "Infinity",
            "-Infinity", "\"1\"", "\"-1\"", "\"4\"", "\"5\"", "\"1.0\"", "\"01\"", "\"\"", "\" 1\"", "\"1\\u0000\"",
            "\"\\u0031\"", "\"٣\"", "\"³\"", "true", "false", "null", "[1]", "{\"a\":1}",
        ]
    }

    /// T15. Whatever the hop says, no copy goes out beyond the fourth relay.
    @Test func everyOddity_asHop_isNeverRelayedBeyondFour() throws {
        let solo = Solo()
        let sender = Endpoint.spread(1)
        let tapper = Endpoint.spread(2)
        let line = solo.prove(sender)
        let tapped = solo.prove(tapper, isSwitch: false)
        solo.receive(Telex(line: tapped, tap: [TapRule(has: ["+n"])]), from: tapper)
        var copies = 0
        for (number, hop) in try TelexNumberTests.oddities().enumerated() {
            let sent = solo.receive("{\"_line\":\(line),\"_hop\":\(hop),\"+n\":\"\(number)\"}", from: sender)
            solo.receive(Telex(line: tapped, br: 1 << 40), from: tapper)
            for copy in sent.to(tapper) where copy.telex.signals["+n"] != nil {
                copies += 1
                #expect((1...4).contains(copy.telex.hop), "\(hop) goes out as \(copy.telex.hop)")
                let plain = [
                    "null": 0, "-0": 0, "0": 0, "1": 1, "2": 2, "3": 3, "\"1\"": 1, "\"\\u0031\"": 1, " 1": 1, "1 ": 1,
                ]
                #expect(plain[hop] == copy.telex.hop - 1, "\(hop) is relayed")
            }
        }
        #expect(copies >= 9)
    }

    @Test func everyOddity_inEveryHeader_isReadOrRefusedByTheIntegerGrammar() throws {
        for text in try TelexNumberTests.oddities() {
            let bare = text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
            check(bare, written: text)
        }
    }

    /// T22: a million, against an oracle of four lines.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func randomNumbers_areReadOrRefusedByTheIntegerGrammar(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "0", "1", "9", "32768", "1073741824", "00", "-", ".", "e", "E", "+", "4", "5", "18446744073709551616",
        ]
        for _ in 0..<31_250 {
            let text = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                random.happens(0.5)
                    ? String(Int.random(in: 0...99, using: &random)) : pieces.randomElement(using: &random) ?? ""
            }.joined()
            guard check(text, written: random.happens(0.25) ? "\"\(text)\"" : text) else {
                Issue.record("seed \(seed): \(text)")
                return
            }
        }
    }

    /// Whether each of the four headers makes of the text what it must.
    @discardableResult
    private func check(_ text: String, written: String) -> Bool {
        let integer = integer(text)
        let results = ["_ring", "_line", "_br", "_hop"].map { decoded("{\"\($0)\":\(written)}") }
        if integer == nil {
            // The escapes of a text are undone first, and blanks around a number are nothing.
            guard !written.contains("\\"), !written.hasPrefix(" "), !written.hasSuffix(" "), written != "null" else {
                return true
            }
            return failed(results[0]) && failed(results[1]) && failed(results[2])
                && (failed(results[3]) || hop(results[3]) == 4)
        }
        let value = integer ?? 0
        return (1...32_768).contains(value) == !failed(results[0])
            && (1...1 << 30).contains(value) == !failed(results[1])
            && (try? results[2].get().br) == min(max(value, 0), 1 << 53)
            && hop(results[3]) == ((0...3).contains(value) ? value : 4)
    }

    private func failed(_ result: Result<Telex, TelexError>) -> Bool { (try? result.get()) == nil }

    private func hop(_ result: Result<Telex, TelexError>) -> Int? { try? result.get().hop }

    /// The integer that a text spells plainly, cut at ±2⁶¹; `nil` for everything else.
    private func integer(_ text: String) -> Int? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits == "0" || !digits.hasPrefix("0")
        else { return nil }
        let magnitude = digits.count > 18 ? 1 << 61 : Int(digits) ?? 0
        return text.hasPrefix("-") ? -magnitude : magnitude
    }
}
