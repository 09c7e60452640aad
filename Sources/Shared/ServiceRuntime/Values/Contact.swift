/// Where an operator is reached: an address of mail or of the web.
package struct Contact: Hashable, Sendable {
    /// As it is shown: an address of mail is without `mailto:`.
    package let text: String
    /// What leads there.
    package let link: String
    /// Nil for an address of the web.
    package let mail: String?

    /// - Returns: nil for anything but an address of mail, with or without `mailto:`, and one that begins with `https://`
    ///   or `http://` and a host.
    package init?(_ text: String) {
        mail = Contact.mail(text)
        guard let link = mail.map({ "mailto:" + $0 }) ?? Contact.web(text) else { return nil }
        self.text = mail ?? text
        self.link = link
    }

    /// As a setting.
    ///
    /// - Throws: what is wrong with it, or expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> Contact {
        try Contact(OperatorWords.line(text, atMost: Limits.contactBytes)).orExpected(
            "an address of mail (wall@example.org) or of the web (https://example.org/me)")
    }

    private static func mail(_ text: String) -> String? {
        let address = text.lowercased().hasPrefix("mailto:") ? String(text.dropFirst("mailto:".count)) : text
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), address.utf8.allSatisfy(isMail) else { return nil }
        return address
    }

    private static func web(_ text: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }),
            let start = text.dropFirst(scheme.count).first, !"/?#".contains(start),
            !text.contains(where: \.isWhitespace)
        else { return nil }
        return text
    }

    private static func isMail(_ byte: UInt8) -> Bool { byte.isUnreserved || "@+".utf8.contains(byte) }
}
