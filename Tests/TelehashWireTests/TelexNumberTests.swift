import MeshSimulator
import TelehashWire
import TestSupport
import Testing

/// Threat T22: numbers that are none, too large, too precise, or written in another way.
@Suite struct TelexNumberTests {
    @Test func everyOddity_inEveryHeader_isReadOrRefusedByTheIntegerGrammar() throws {
        for text in try JSONTestSuite.oddNumbers() {
            let bare = text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
            #expect(check(bare, written: text), "\(text)")
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
