import ArgumentParser
import ServiceRuntime

struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p2pmsg",
        abstract: "A wall that nobody owns: write, read and run a node.",
        discussion: """
            Begin with `p2pmsg up`, which runs a node, and `p2pmsg send "hello"`. `p2pmsg help COMMAND` has examples, and the \
            keys of what --json prints. What the Tab key completes: \
            source <(p2pmsg --generate-completion-script bash), or zsh, or fish.

            Every flag can be given as an environment variable (--bus as P2PMSG_BUS) or in a file (--config FILE, lines of \
            name = value). A flag wins over the variable, the variable over the file.

            Exit status: 0 done, 1 failed, 2 usage, 3 refused, 4 not acknowledged in time.
            """,
        version: Version.current,
        subcommands: [
            UpCommand.self, SendCommand.self, TailCommand.self, ListCommand.self, SearchCommand.self, ShowCommand.self,
            ChannelsCommand.self,
            KeyCommand.self, NameCommand.self, PinCommand.self, UnpinCommand.self,
            VerifyCommand.self, StatusCommand.self, HideCommand.self, UnhideCommand.self, BlockCommand.self,
            UnblockCommand.self, ExportCommand.self, ImportCommand.self, BackupCommand.self, DeadCommand.self,
            SimulateCommand.self,
        ])
}

/// A command that can be run: its flags are the settings that other sources may give too.
protocol ClientCommand: AsyncParsableCommand {
    static var settings: [Setting] { get }
    /// What the arguments are that are no options.
    static var freeText: FreeText { get }
}

extension ClientCommand {
    static var freeText: FreeText { .none }
}

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
