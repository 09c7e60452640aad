import MeshSimulator
import Testing

@testable import TelehashWire

@Suite struct TelexSignalTests {
    @Test(arguments: [
        ("\"text\"", "text"), ("\"\"", ""), ("5", "5"), ("-0", "-0"), ("1.5", "1.5"), ("1.50", "1.50"),
        ("1e400", "1e400"),
        ("18446744073709551616", "18446744073709551616"), ("true", "1"), ("false", "0"), ("\"\\u0000\"", "\0"),
        ("\"\\u00e9\"", "é"), ("\"é\"", "é"), ("\"\\ud83d\\ude00\"", "😀"), ("\"a\\/b\"", "a/b"),
    ])
    func value_whenItIsAScalar_becomesText(_ json: String, _ text: String) throws {
        let telex = try decoded("{\"+x\":\(json)}").get()
        #expect(telex.signals.count == 1)
        #expect(telex.signals["+x"].map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(arguments: ["null", "[]", "{}", "[1]", "{\"a\":\"b\"}"])
    func value_whenItIsNoScalar_isNoSignal(_ json: String) throws {
        let telex = try decoded("{\"+x\":\(json),\"+y\":\"z\"}").get()
        #expect(telex.signals == Signals(["+y": "z"]))
    }

    @Test func key_whenItIsALonePlus_isNoSignal() throws {
        #expect(try decoded("{\"+\":\"x\"}").get().signals.isEmpty)
        #expect(Signals(["+": "x", "": "y", "end": "z", "_to": "a", "+k": "v"]) == ["+k": "v"])
    }

    @Test func signals_areInTheOrderOfTheirBytes() throws {
        let telex = try decoded("{\"+b\":1,\"+é\":2,\"+a\":3,\"+B\":4,\"+aa\":5,\"+z\":6}").get()
        #expect(telex.signals.map(\.key) == ["+B", "+a", "+aa", "+b", "+z", "+é"])
        #expect(telex.signals == Signals(["+b": "1", "+é": "2", "+a": "3", "+B": "4", "+aa": "5", "+z": "6"]))
    }

    @Test func signals_whenTheyDifferInBytesOnly_areTwo() throws {
        let composed = try decoded("{\"+m\":\"\\u00e9\"}").get().signals
        let decomposed = try decoded("{\"+m\":\"e\\u0301\"}").get().signals
        let key = DigestKey(1, 2)
        #expect(composed["+m"] == decomposed["+m"], "Swift holds the texts for equal")
        #expect(composed != decomposed)
        #expect(composed.first != decomposed.first)
        #expect(composed.digest(key: key) != decomposed.digest(key: key))
        let keys = try decoded("{\"+\\u00e9\":\"a\",\"+e\\u0301\":\"b\"}").get().signals
        #expect(keys.count == 2)
    }

    @Test func digest_whenOrderAndEscapesDiffer_isTheSame() throws {
        let key = DigestKey(3, 4)
        var random = SeededGenerator(seed: 1)
        let members = [("+end", "8bf1"), ("+key", "a/b"), ("+message", "grüße\n\"☃\""), ("+n", "5")]
        let digest = Signals(Dictionary(uniqueKeysWithValues: members)).digest(key: key)
        for _ in 0..<10_000 {
            let text = members.shuffled(using: &random).map { name, value in
                "\"\(escaped(name, using: &random))\" : \"\(escaped(value, using: &random))\""
            }.joined(separator: " ,")
            let telex = try decoded("{\"_hop\":\(Int.random(in: 0...4, using: &random)),\(text)}").get()
            #expect(telex.signals.digest(key: key) == digest)
        }
        #expect(
            try decoded("{\"+n\":5,\"+m\":true}").get().signals == decoded("{\"+m\":\"1\",\"+n\":\"5\"}").get().signals)
    }

    @Test func digest_whenTheKeyDiffers_differs() {
        let signals = Signals(["+end": "x"])
        #expect(signals.digest(key: DigestKey(1, 2)) != signals.digest(key: DigestKey(1, 3)))
        #expect(signals.digest(key: DigestKey(1, 2)) != Signals(["+end": "y"]).digest(key: DigestKey(1, 2)))
    }

    /// The first and last lines of the table that comes with the algorithm's paper.
    @Test func sipHash_isTheOneOfThePaper() {
        let key = DigestKey(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        func hash(_ count: UInt8) -> UInt64 { Array(0..<count).withUnsafeBytes { SipHash.hash($0, key: key) } }
        #expect(hash(0) == 0x726f_db47_dd0e_0e31)
        #expect(hash(1) == 0x74f8_39c5_93dc_67fd)
        #expect(hash(8) == 0x93f5_f579_9a93_2462)
        #expect(hash(15) == 0xa129_ca61_49be_45e5)
        #expect(hash(63) == 0x958a_324c_eb06_4572)
    }

    @Test func fields_areKeptForTaps() throws {
        let telex = try decoded("{\"z\":1,\"a\":[1],\"_new\":\"h\",\".pop\":1,\"n\":null,\"z\":\"last\",\"t\":true}")
            .get()
        #expect(
            telex.fields == [
                Telex.Field(key: ".pop", text: "1"), Telex.Field(key: "_new", text: "h"),
                Telex.Field(key: "a", text: nil),
                Telex.Field(key: "t", text: "1"), Telex.Field(key: "z", text: "last"),
            ])
    }

    private func escaped(_ text: String, using random: inout SeededGenerator) -> String {
        text.unicodeScalars.map { scalar in
            let mustEscape = scalar == "\"" || scalar == "\\" || scalar.value < 32
            guard mustEscape || random.happens(0.5) else { return String(scalar) }
            let hex = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }.joined()
    }
}
