/// One setting of a command: a flag, an environment variable and a name in the configuration file.
package struct Setting: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// One value: `--udp 0.0.0.0:42424`.
        case text
        /// Present or absent: `--json`. In the environment and in files: `true` or `false`.
        case flag
        /// Repeatable: `--seed A --seed B`. In the environment comma-separated, in files an array.
        case list
    }

    /// As on the command line without the dashes: lower-case words joined with `-`.
    package let name: String
    package let kind: Kind
    /// One line for `--help`.
    package let help: String
    /// The command-line spelling, `--name`, unless one list has another word there than in files: `--channel`, once for
    /// each of the `channels`.
    package let option: String

    init(_ name: String, _ help: String, _ kind: Kind = .text, option: String? = nil) {
        self.name = name
        self.kind = kind
        self.help = help
        self.option = option ?? "--" + name
    }

    /// `P2PMSG_` and the name in upper case with `_` for `-`.
    package var environmentVariable: String { "P2PMSG_" + word }

    /// What counts where nobody has said anything: what runs a service for an operator, whose file comes first, says it.
    package var defaultVariable: String { "P2PMSG_DEFAULT_" + word }

    private var word: String { String(name.uppercased().map { $0 == "-" ? "_" : $0 }) }
}
