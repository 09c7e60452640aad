import TelehashWire
import TestSupport
import Testing

@Suite struct TelexCommandTests {
    // MARK: .see

    @Test func see_keepsLiteralEndpointsOnce() throws {
        let entries = """
            "1.2.3.4:5","telehash.org:42424","1.2.3.4:5",5,null,"","1.2.3.4","1.2.3.4:99999",{},["6.7.8.9:1"],true,\
            "[::1]:5","[0::1]:5","6.7.8.9:1"
            """
        let seen = try decoded("{\".see\":[\(entries)]}").get().see
        #expect(seen?.map(\.description) == ["1.2.3.4:5", "[::1]:5", "6.7.8.9:1"])
    }

    @Test func see_whenItIsLong_isCutAfterEight() throws {
        let entries = (1...56).map { "\"1.2.3.\($0):5\"" }.joined(separator: ",")
        let seen = try decoded("{\".see\":[\(entries)]}").get().see
        #expect(seen == (1...8).compactMap { Endpoint("1.2.3.\($0):5") })
    }

    @Test func see_whenItIsEmpty_isThereAllTheSame() throws {
        #expect(try decoded("{\".see\":[]}").get().see == [])
    }

    @Test(arguments: ["\"1.2.3.4:5\"", "5", "{}", "{\"a\":\"1.2.3.4:5\"}", "true", "null"])
    func see_whenItIsNoArray_isAbsent(_ text: String) throws {
        #expect(try decoded("{\".see\":\(text),\"_line\":5}").get() == Telex(line: 5))
    }

    // MARK: .tap

    @Test func tap_keepsItsRules() throws {
        let telex = try decoded(fullTelex).get()
        #expect(
            telex.tap == [
                TapRule(is: ["+end": "8bf1cce916417d16b7554135b6b075fb16dd26ce", "n": "5"], has: ["+key", "+pop"]),
                TapRule(has: ["+a"]),
            ])
        #expect(telex.ignoredTapRules == 0)
    }

    @Test func tap_whenItIsEmpty_isThereAllTheSame() throws {
        #expect(try decoded("{\".tap\":[]}").get().tap == [])
    }

    @Test(arguments: ["{\"has\":[\"+key\"]}", "\"+key\"", "5", "true", "null"])
    func tap_whenItIsNoArray_isAbsent(_ text: String) throws {
        #expect(try decoded("{\".tap\":\(text),\"_line\":5}").get() == Telex(line: 5))
    }

    @Test(arguments: [
        ("{}", TapRule()), ("{\"is\":{},\"has\":[]}", TapRule()), ("{\"is\":null,\"has\":null}", TapRule()),
        ("{\"has\":[\"+pop\"]}", TapRule(has: ["+pop"])), ("{\"is\":{\"a\":\"b\"}}", TapRule(is: ["a": "b"])),
        (
            "{\"is\":{\"a\":5,\"b\":1.50,\"c\":true,\"d\":false}}",
            TapRule(is: ["a": "5", "b": "1.50", "c": "1", "d": "0"])
        ),
        ("{\"other\":[1,2,{}],\"has\":[\"\"]}", TapRule(has: [""])),
        ("{\"is\":{\"\\u002bend\":\"\\u0061\"}}", TapRule(is: ["+end": "a"])),
    ])
    func rule_isReadLeniently(_ text: String, _ rule: TapRule) throws {
        #expect(try decoded("{\".tap\":[\(text)]}").get().tap == [rule])
    }

    @Test(arguments: [
        "\"+key\"", "null", "5", "[]", "[{\"has\":[\"+a\"]}]", "{\"is\":[]}", "{\"is\":\"x\"}", "{\"is\":5}",
        "{\"has\":\"+key\"}", "{\"has\":{}}", "{\"has\":true}", "{\"has\":[5]}", "{\"has\":[null]}",
        "{\"has\":[[\"+a\"]]}",
        "{\"is\":{\"a\":null}}", "{\"is\":{\"a\":[]}}", "{\"is\":{\"a\":{}}}", "{\"is\":{\"a\":1,\"a\":1}}",
        "{\"is\":{\"a\":1,\"\\u0061\":2}}", "{\"is\":{},\"is\":{}}", "{\"has\":[],\"has\":[]}",
        "{\"has\":[],\"has\":null}",
    ])
    func rule_whenAPartIsOfTheWrongKind_isIgnoredAlone(_ text: String) throws {
        let telex = try decoded("{\".tap\":[{\"has\":[\"+a\"]},\(text),{\"has\":[\"+b\"]}]}").get()
        #expect(telex.tap == [TapRule(has: ["+a"]), TapRule(has: ["+b"])])
        #expect(telex.ignoredTapRules == 1)
    }

    @Test func rule_whenItHasTooManyKeys_isIgnored() throws {
        func tap(is pairs: Int, has keys: Int) throws -> [TapRule]? {
            let pairs = (0..<pairs).map { "\"k\($0)\":1" }.joined(separator: ",")
            let keys = (0..<keys).map { "\"h\($0)\"" }.joined(separator: ",")
            return try decoded("{\".tap\":[{\"is\":{\(pairs)},\"has\":[\(keys)]}]}").get().tap
        }
        #expect(try tap(is: 4, has: 4)?.count == 1)
        #expect(try tap(is: 8, has: 0)?.count == 1)
        #expect(try tap(is: 5, has: 4) == [])
        #expect(try tap(is: 0, has: 9) == [])
    }

    @Test func rule_whenATextIsTooLong_isIgnored() throws {
        let longest = String(repeating: "x", count: WireLimits.tapTextBytes)
        let fine = "{\"is\":{\"\(longest)\":\"\(longest)\"},\"has\":[\"\(longest)\"]}"
        #expect(try decoded("{\".tap\":[\(fine)]}").get().tap == [TapRule(is: [longest: longest], has: [longest])])
        for rule in ["{\"is\":{\"\(longest)x\":1}}", "{\"is\":{\"a\":\"\(longest)x\"}}", "{\"has\":[\"\(longest)x\"]}"]
        {
            #expect(try decoded("{\".tap\":[\(rule)]}").get().tap == [])
        }
    }

    @Test func rules_whenThereAreMoreThanSixteen_areCut() throws {
        let rules = (0..<20).map { "{\"has\":[\"+\($0)\"]}" }.joined(separator: ",")
        let telex = try decoded("{\".tap\":[\(rules)]}").get()
        #expect(telex.tap == (0..<16).map { TapRule(has: ["+\($0)"]) })
        #expect(telex.ignoredTapRules == 4)
    }

    // MARK: Matching

    @Test(arguments: [
        (TapRule(), true), (TapRule(is: ["+end": "e"]), true), (TapRule(is: ["+end": "E"]), false),
        (TapRule(is: ["+end": "e", "+n": "5"]), true), (TapRule(is: ["+end": "e", "+n": "6"]), false),
        (TapRule(has: ["+key"]), true), (TapRule(has: ["+key", "+none"]), false), (TapRule(has: ["+list"]), false),
        (TapRule(is: ["+absent": ""]), false), (TapRule(has: ["+null"]), false),
        (TapRule(has: ["+key", "+end"]), true),
        (TapRule(is: ["_line": "35"]), true), (TapRule(is: ["_hop": "2"]), true), (TapRule(has: ["_to"]), true),
        (TapRule(has: ["_ring"]), false), (TapRule(is: ["plain": "x"]), true), (TapRule(has: ["object"]), true),
        (TapRule(is: ["object": ""]), false), (TapRule(has: [".see"]), true), (TapRule(has: [".tap"]), false),
        (TapRule(is: ["_to": "1.2.3.4:5", "_br": "9"]), true), (TapRule(is: [".see": "1.2.3.4:5"]), false),
    ])
    func rule_matchesWhatItNames(_ rule: TapRule, _ matches: Bool) throws {
        let telex = try decoded(
            """
            {"_to":"1.2.3.4:5","_line":35,"_br":9,"_hop":2,".see":[],"+end":"e","+n":5,"+key":"","+null":null,"+list":[1],\
            "plain":"x","object":{}}
            """
        ).get()
        #expect(rule.matches(telex) == matches)
    }

    @Test func emptyRule_whenThereIsNoSignal_matchesNothing() throws {
        #expect(!TapRule().matches(try decoded("{\"_line\":5,\"plain\":1,\"+\":1}").get()))
    }
}
