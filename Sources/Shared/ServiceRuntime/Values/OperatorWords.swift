/// What an operator says about the node: its name and its rules.
package enum OperatorWords {
    /// What the node is called.
    ///
    /// - Throws: what is wrong with it.
    @Sendable package static func title(_ text: String) throws(FailureReport) -> String {
        try line(text, atMost: Limits.titleBytes)
    }

    /// The text of the rules.
    ///
    /// - Throws: a report of status `usage` that names the file and says what is wrong with it.
    package static func rules(file path: String) throws(FailureReport) -> String {
        let text = try readText(
            path, limit: Limits.rulesBytes, what: "the rules in \(path)", isNone: "are not text in UTF-8")
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw FailureReport("the rules in \(path) are empty", status: .usage)
        }
        return text
    }

    /// One line that can be shown.
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
}
