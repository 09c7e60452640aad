import ArgumentParser
import ServiceRuntime

/// Which command a command line names.
struct CommandPath {
    /// The words that name it: `["key", "new"]`.
    let names: [String]
    let command: any ParsableCommand.Type
    /// The settings of that command; none for a command that only has subcommands.
    let settings: [Setting]
    let freeText: FreeText
    /// The names of its subcommands.
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
        // `help` is the parser's own.
        guard !subcommands.isEmpty, let word = arguments.dropFirst(length).first, !word.hasPrefix("-"), word != "help"
        else { return nil }
        let hint = Suggestion.nearest(to: word, among: subcommands).map { " Did you mean '\($0)'?" } ?? ""
        return ("Error: There is no command '\(program) \(SafeText.line(word))'.\(hint)\nSee '\(program) --help'.", 64)
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
