import ServiceRuntime

/// What an operator says about the node: on every page, in the feeds.
struct Imprint: Hashable, Sendable {
    /// What the node is called; nil: p2pmsg, as all of them.
    var title: String?
    var contact: Contact?
    /// What is not welcome here, in the operator's own words.
    var rules: String?

    /// What stands where a wall has its name.
    var wallName: String { title ?? "p2pmsg" }

    /// The rules as HTML: paragraphs where lines are left empty, addresses as links.
    var rulesHTML: String? {
        guard let rules else { return nil }
        let lines = TextHTML.withPlainNewlines(rules).split(separator: "\n", omittingEmptySubsequences: false)
        let paragraphs = lines.split { $0.allSatisfy(\.isWhitespace) }
        return paragraphs.map { "<p dir=\"auto\">\(TextHTML.render($0.joined(separator: "\n")))</p>\n" }.joined()
    }
}
