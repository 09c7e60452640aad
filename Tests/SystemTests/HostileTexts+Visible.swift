import Messages
import TestSupport

extension HostileTexts {
    /// Those that the command line sends as they are: what nobody can see is no text, and a byte order mark at the
    /// beginning of a line is the file's.
    static func visible(in site: TestSite) async throws -> [Text] {
        try await all(in: site).filter {
            !TextRules.isBlank($0.text) && $0.text.unicodeScalars.first != "\u{FEFF}"
        }
    }
}
