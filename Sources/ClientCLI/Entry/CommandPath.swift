import ArgumentParser
import ServiceRuntime

struct CommandPath {
    /// The words that name it: `["key", "new"]`.
    let names: [String]
    let command: any ParsableCommand.Type
    /// The settings of that command; none for a command that only has subcommands.
    let settings: [Setting]
    let freeText: FreeText
    private let subcommands: [String]

    init(of arguments: [String]) {
        var command: any ParsableCommand.Type = RootCommand.self
        var names: [String] = []
        for argument in arguments {
            let next = command.configuration.subcommands.first { $0.configuration.commandName == argument }
            guard let next else { break }
            command = next
            names.append(argument)
        }
        self.names = names
        self.command = command
        let client = command as? any ClientCommand.Type
        settings = client?.settings ?? []
        freeText = client?.freeText ?? .none
        subcommands = command.configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    /// How many arguments name it: 1 for `send`, 2 for `key new`.
    var length: Int { names.count }

    /// What the user typed so far: `p2pmsg key new`.
    var program: String { (["p2pmsg"] + names).joined(separator: " ") }

    /// What to say of a word in the place of a subcommand that is none; nil where there is no such word.
    func explanationOfUnknown(in arguments: [String]) -> ServiceMain.Explanation? {
        let words = arguments.dropFirst(length)
        // `help` is the parser's own; where it knows no such command it says nothing at all.
        if names.isEmpty, words.first == "help" {
            let rest = Array(words.dropFirst())
            return CommandPath(of: rest).explanationOfUnknown(in: rest)
        }
        guard !subcommands.isEmpty, let word = words.first, !word.hasPrefix("-"), word != "help" else { return nil }
        let hint = Suggestion.nearest(to: word, among: subcommands).map { " Did you mean '\($0)'?" } ?? ""
        return ("Error: There is no command '\(program) \(SafeText.line(word))'.\(hint)\nSee '\(program) --help'.", 64)
    }
}

// MARK: - Options

extension CommandPath {
    /// What other commands of ours, or other programs, call the same.
    private static let synonyms = [
        "limit": ["count"], "count": ["limit"], "timeout": ["wait"], "wait": ["timeout"], "key": ["author"],
        "author": ["key"], "store": ["store-id"], "until": ["before"], "from": ["since"],
    ]

    /// The option of this command that a word, without its dashes, may have been meant for.
    func option(meantBy word: String) -> String? {
        let known = options
        return CommandPath.synonyms[word]?.first { known.contains($0) } ?? Suggestion.nearest(to: word, among: known)
    }

    /// The parser's message with our suggestion: its own takes `--wait` to be near to `--limit`.
    func corrected(_ message: String) -> String {
        let start = "Error: Unknown option '--"
        guard message.hasPrefix(start) else { return message }
        let lines = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let word = String(lines[0].dropFirst(start.count).prefix { $0 != "'" })
        let hint = option(meantBy: word).map { ". Did you mean '--\($0)'?" } ?? ""
        return (["\(start)\(word)'\(hint)"] + lines.dropFirst().map(String.init)).joined(separator: "\n")
    }

    /// Without their dashes, as the command's help lists them.
    private var options: [String] {
        let lines = RootCommand.helpMessage(for: command).split(separator: "\n").filter { $0.hasPrefix("  --") }
        return lines.map { String($0.dropFirst(4).prefix { $0.isLetter || $0.isNumber || $0 == "-" }) } + ["help"]
    }
}

/// What words of a command line are that are neither options nor their values.
enum FreeText {
    /// Names, ids, files: nothing that begins with a dash.
    case none
    /// What people say, which may begin with a dash.
    case text
    /// Words of a search, where a dash means that the word must not be there.
    case search
}
