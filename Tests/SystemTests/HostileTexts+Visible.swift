import Messages
import TestSupport

extension HostileTexts {
    /// Those that a store takes: what nobody can see is no text.
    static func visible(in site: TestSite) async throws -> [Text] {
        try await all(in: site).filter { !TextRules.isBlank(Array($0.text.utf8).span) }
    }
}
