import ServiceRuntime

/// What an operator says about the node: on every page, in the feeds.
struct Imprint: Hashable, Sendable {
    /// What the node is called; nil: p2pmsg, as all of them.
    var title: String?
    /// Where its operator is reached.
    var contact: Contact?
    /// What is not welcome here, in the operator's own words.
    var rules: String?

    /// What stands where a wall has its name.
    var wallName: String { title ?? "p2pmsg" }

    /// A name, or a contact, of one line.
    ///
    /// - Throws: what is wrong with it.
    static func line(_ text: String, atMost bytes: Int) throws(FailureReport) -> String {
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw FailureReport("it is empty; leave the option away instead", status: .usage)
        }
        guard SafeText.line(text) == text else {
            throw FailureReport("it must be one line without control characters", status: .usage)
        }
        guard text.utf8.count <= bytes else {
            throw FailureReport("it has \(text.utf8.count) bytes, at most \(bytes) are shown", status: .usage)
        }
        return text
    }

    /// - Throws: ``FailureReport`` of status `usage` that names the file and says what is wrong with it.
    static func rules(file path: String) throws(FailureReport) -> String {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile(path, limit: Limits.rulesBytes)
        } catch {
            throw FailureReport("cannot read the rules in \(path): \(error)", status: .usage)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FailureReport("the rules in \(path) are not text in UTF-8", status: .usage)
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw FailureReport("the rules in \(path) are empty", status: .usage)
        }
        // Editors of other systems begin a file with a mark of its byte order.
        return text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// The rules as HTML: paragraphs where lines are left empty, addresses as links.
    var rulesHTML: String? {
        guard let rules else { return nil }
        let lines = TextHTML.withPlainNewlines(rules).split(separator: "\n", omittingEmptySubsequences: false)
        let paragraphs = lines.split { $0.allSatisfy(\.isWhitespace) }
        return paragraphs.map { "<p dir=\"auto\">\(TextHTML.render($0.joined(separator: "\n")))</p>\n" }.joined()
    }
}

/// Where an operator is reached: an address of mail or of the web, or words.
struct Contact: Hashable, Sendable {
    let text: String

    /// Nil for words.
    var link: String? {
        let lower = text.lowercased()
        if ["https://", "http://", "mailto:"].contains(where: { lower.hasPrefix($0) }) { return text }
        return mail.map { "mailto:\($0)" }
    }

    /// Nil for anything but an address of mail.
    var mail: String? {
        let address = text.lowercased().hasPrefix("mailto:") ? String(text.dropFirst("mailto:".count)) : text
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), address.utf8.allSatisfy(Contact.isMail) else {
            return nil
        }
        return address
    }

    private static func isMail(_ byte: UInt8) -> Bool {
        Percent.isUnreserved(byte) || "@+".utf8.contains(byte)
    }
}
