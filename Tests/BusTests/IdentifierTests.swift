import Testing

@testable import Bus

@Suite struct IdentifierTests {
    @Test func uniqueID_isAVersion4UUID() {
        var random = SplitMix(state: 5)
        let id = UniqueID(using: &random)
        let text = id.description
        #expect(text.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(text.dropFirst(14).first == "4")
        #expect("89ab".contains(text.dropFirst(19).prefix(1)))
        #expect(UniqueID(text) == id)
        #expect(id != UniqueID(using: &random))
    }

    @Test(arguments: [
        "", "0", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000",
        "0000000g-0000-0000-0000-000000000000", "+0000000-0000-0000-0000-000000000000",
        "00000000-0000-0000-0000_000000000000",
    ])
    func otherTexts_areNoUniqueID(text: String) {
        #expect(UniqueID(text) == nil)
    }

    @Test func leadingZeros_areWritten() {
        #expect(UniqueID(high: 1, low: 2).description == "00000000-0000-0001-0000-000000000002")
    }
}
