/// What stands below the abstract of a command's help: talk, the keys of its JSON, examples.
enum Help {
    /// - Parameters:
    ///   - json: the keys of what `--json` prints, with what has to be said of them; nil where there is no `--json`.
    ///   - examples: command lines, each as short as a terminal is wide.
    static func text(_ talk: String = "", json: String? = nil, examples: [String]) -> String {
        var parts = talk.isEmpty ? [] : [talk]
        if let json { parts.append("With --json it prints one object a line, with the keys \(json).") }
        parts.append((["EXAMPLES:"] + examples.map { "  " + $0 }).joined(separator: "\n"))
        return parts.joined(separator: "\n\n")
    }

    /// Of a message.
    static let message = """
        id, channel, end, key, message, at, received_at, sig, scheme and signals; times are milliseconds since 1970, null \
        where there is none
        """

    /// Of what the commands that change every store say.
    static let changed = "store and messages (how many were hidden, or are shown again)"
}
