import ArgumentParser
import ServiceRuntime

/// Which command a command line names.
struct CommandPath {
    /// The settings of that command; none for a command that only has subcommands.
    let settings: [Setting]
    /// How many arguments name it: 1 for `send`, 2 for `key new`.
    let length: Int

    init(of arguments: [String]) {
        var candidates = RootCommand.configuration.subcommands
        var settings: [Setting] = []
        var length = 0
        for argument in arguments {
            guard let command = candidates.first(where: { $0.configuration.commandName == argument }) else { break }
            candidates = command.configuration.subcommands
            settings = (command as? any ClientCommand.Type)?.settings ?? []
            length += 1
        }
        self.settings = settings
        self.length = length
    }
}
