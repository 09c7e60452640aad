import Messages
import Testing

/// What may be searched for.
@Suite struct SearchQueryTests {
    @Test(arguments: ["", "  ", "?!", "\"\"", "*", "- -"])
    func query_withoutAWord_isRefused(_ text: String) {
        #expect(throws: SearchError.noWord(hasUnwanted: false)) { try SearchQuery(text) }
    }

    @Test func query_thatOnlySaysWhatIsUnwanted_orIsTooLong_isRefused() throws {
        #expect(throws: SearchError.noWord(hasUnwanted: true)) { try SearchQuery("-tea") }
        #expect(throws: SearchError.tooLong(257)) { try SearchQuery(String(repeating: "x", count: 257)) }
        #expect(try SearchQuery(" " + String(repeating: "x", count: 256) + " ").wanted.count == 1)
    }
}
