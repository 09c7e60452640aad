import Messages
import Testing

@testable import ClientCLI

/// What a writer is told who signs as in 2011.
@Suite struct LegacyTextTests {
    private func warning(_ text: String, _ identity: Identity) throws -> String? {
        LegacyText.warning(about: try identity.sign(text, channel: .tweets, at: 1_763_840_000_000))
    }

    @Test(arguments: [
        ("plain ~ text", nil), ("café", "garble U+00E9"), ("é and €", "pass on U+20AC"), ("👍", "U+1F44D"),
    ])
    func text_thatIsNotASCII_isNamedByItsWorstCharacter(_ text: String, _ part: String?) throws {
        let warning = try warning(text, .sampleLegacy)
        #expect(part.map { warning?.contains($0) == true } ?? (warning == nil), "\(warning ?? "nothing")")
    }

    @Test func text_inTodaysScheme_needsNoWord() throws {
        #expect(try warning("é and €", .generate(.ed25519)) == nil)
    }
}
