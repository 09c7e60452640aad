import MeshSimulator
import TelehashWire
import Testing

/// Threat T21: a second key of the same name, however it is spelt, makes two telexes of one datagram.
@Suite struct TelexDuplicateTests {
    /// Each reserved key, with a value that is fine.
    private static let reserved = [
        ("_to", "\"1.2.3.4:5\""), ("_ring", "7"), ("_line", "35"), ("_br", "9"), ("_hop", "1"), (".see", "[]"),
        (".tap", "[]"), ("_new", "1"), (".new", "1"), ("_", "1"), (".", "1"), ("+", "1"), ("+end", "\"x\""),
        ("+é", "1"),
    ]

    @Test(arguments: reserved)
    func everyPairOfSpellings_isRefused(_ key: String, _ value: String) {
        let spellings = spellings(of: key)
        for first in spellings {
            for second in spellings {
                for values in [(value, value), (value, "null"), ("null", value), ("null", "null")] {
                    for between in ["", "\"a\":1,", "\"+z\":{\"\(key)\":2},"] {
                        let text = "{\"\(first)\":\(values.0),\(between)\"\(second)\":\(values.1)}"
                        #expect(decoded(text) == .failure(.duplicateKey), "\(text)")
                    }
                }
            }
            #expect(throws: Never.self) { try decoded("{\"\(first)\":\(value)}").get() }
        }
    }

    @Test func everyOrderOfATelexWithOneKeyTwice_isRefused() {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<10_000 {
            var members = TelexDuplicateTests.reserved
            guard let twice = members.randomElement(using: &random) else { return }
            members.append(twice)
            members.shuffle(using: &random)
            let text = members.map { "\"\(spellings(of: $0.0).randomElement(using: &random) ?? "")\":\($0.1)" }
            guard decoded("{\(text.joined(separator: ","))}") == .failure(.duplicateKey) else {
                Issue.record("read: {\(text.joined(separator: ","))}")
                return
            }
        }
    }

    @Test func aPlainKeyTwice_isReadAsTheLast() throws {
        let telex = try decoded("{\"a\":1,\"\\u0061\":2,\"b\":3,\"a\":4,\"a\":null}").get()
        #expect(telex.text(of: "a") == nil && telex.text(of: "b") == "3")
        #expect(try decoded("{\"a\":1,\"\\u0061\":2}").get().text(of: "a") == "2")
    }

    /// Plain, and with one or every character escaped, in hex digits of either case.
    private func spellings(of key: String) -> [String] {
        let units = Array(key.utf16)
        func escaped(_ unit: UInt16, _ isUpper: Bool) -> String {
            let digits = String(unit, radix: 16, uppercase: isUpper)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        func spelt(_ isEscaped: (Int) -> Bool, _ isUpper: Bool) -> String {
            units.enumerated().map { index, unit in
                isEscaped(index) ? escaped(unit, isUpper) : String(decoding: [unit], as: UTF16.self)
            }.joined()
        }
        return [
            key, spelt({ $0 == 0 }, false), spelt({ $0 == 0 }, true), spelt({ $0 == units.count - 1 }, false),
            spelt({ _ in true }, false), spelt({ _ in true }, true),
        ]
    }
}
