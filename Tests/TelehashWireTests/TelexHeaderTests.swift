import TelehashWire
import TestSupport
import Testing

@Suite struct TelexHeaderTests {
    @Test func header_isReadAsItIsWritten() throws {
        let telex = try decoded(fullTelex).get()
        #expect(telex.to == Endpoint("1.2.3.4:5"))
        #expect(telex.ring == 77)
        #expect(telex.line == 302_161_620)
        #expect(telex.br == 1997)
        #expect(telex.hop == 2)
    }

    @Test func header_whenItIsAbsent_isNil() throws {
        let telex = try decoded("{}").get()
        #expect(telex == Telex())
        #expect(telex.to == nil && telex.ring == nil && telex.line == nil && telex.br == nil && telex.hop == 0)
        #expect(telex.see == nil && telex.tap == nil && telex.signals.isEmpty && telex.fields.isEmpty)
    }

    @Test func header_whenItIsNull_isAbsent() throws {
        let nulls =
            "{\"_to\":null,\"_ring\":null,\"_line\":null,\"_br\":null,\"_hop\":null,\".see\":null,\".tap\":null}"
        #expect(try decoded(nulls).get() == Telex())
    }

    @Test(arguments: [
        ("1", 1), ("32768", 32768), ("\"77\"", 77), ("\"32768\"", 32768), ("\"\\u0037\"", 7),
    ])
    func ring_whenItIsAnIntegerInRange_isRead(_ text: String, _ ring: Int) throws {
        #expect(try decoded("{\"_ring\":\(text)}").get().ring == ring)
    }

    @Test(arguments: [
        "0", "-1", "32769", "1.5", "1.0", "1e2", "true", "false", "[]", "{}", "[1]", "\"\"", "\"x\"", "\" 7\"",
        "\"7 \"",
        "\"07\"", "\"+7\"", "\"1e2\"", "\"0x7\"", "\"-\"", "-0", "\"٧\"", "18446744073709551617", "1e400",
        "99999999999999999999999999999999999999",
    ])
    func ring_whenItIsAnythingElse_dropsTheTelex(_ text: String) {
        #expect(decoded("{\"+end\":\"x\",\"_ring\":\(text)}") == .failure(.badRing))
        #expect(decoded("{\"_line\":\(text == "32769" ? "0" : text)}") == .failure(.badLine))
    }

    @Test(arguments: [("1", 1), ("\"123\"", 123), ("1073741824", 1 << 30)])
    func line_whenItIsAnIntegerInRange_isRead(_ text: String, _ line: Int) throws {
        #expect(try decoded("{\"_line\":\(text)}").get().line == line)
    }

    @Test(arguments: ["0", "1073741825", "9223372036854775808", "\"0\"", "-302161620"])
    func line_whenItIsOutOfRange_dropsTheTelex(_ text: String) {
        #expect(decoded("{\"_line\":\(text)}") == .failure(.badLine))
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("1997", 1997), ("\"1997\"", 1997), ("-1", 0), ("-10000", 0),
        ("-99999999999999999999", 0), ("9007199254740992", 1 << 53), ("9007199254740993", 1 << 53),
        ("18446744073709551616", 1 << 53), ("\"99999999999999999999\"", 1 << 53),
    ])
    func byteCount_isClamped(_ text: String, _ count: Int) throws {
        #expect(try decoded("{\"_br\":\(text)}").get().br == count)
    }

    @Test(arguments: ["1.5", "1e308", "true", "[]", "{}", "\"many\"", "\"\"", "\"1.0\""])
    func byteCount_whenItIsNoInteger_dropsTheTelex(_ text: String) {
        #expect(decoded("{\"_br\":\(text)}") == .failure(.badByteCount))
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("1", 1), ("2", 2), ("3", 3), ("4", 4), ("\"2\"", 2), ("\"0\"", 0),
        ("5", 4), ("-1", 4), ("-1000000", 4), ("2.7", 4), ("2.0", 4), ("1e0", 4), ("\"x\"", 4), ("\"\"", 4),
        ("\"02\"", 4),
        ("\"-1\"", 4), ("true", 4), ("false", 4), ("[]", 4), ("{\"a\":[0]}", 4), ("1e400", 4),
        ("18446744073709551616", 4), ("-18446744073709551616", 4),
    ])
    func hop_whenItIsNoIntegerOfZeroToFour_isFour(_ text: String, _ hop: Int) throws {
        #expect(try decoded("{\"_hop\":\(text)}").get().hop == hop)
    }

    @Test(arguments: [
        "\"telehash.org:42424\"", "\"1.2.3.4\"", "\"\"", "5", "true", "[\"1.2.3.4:5\"]", "{}", "\"1.2.3.4:5 \"",
        "\"01.2.3.4:5\"",
    ])
    func to_whenItIsNoLiteralEndpoint_isAbsent(_ text: String) throws {
        let telex = try decoded("{\"_to\":\(text),\"_line\":5}").get()
        #expect(telex.to == nil)
        #expect(telex.line == 5)
    }

    @Test func to_mayBeIPv6() throws {
        #expect(try decoded("{\"_to\":\"[2001:db8::1]:5\"}").get().to == Endpoint("[2001:db8::1]:5"))
    }
}
