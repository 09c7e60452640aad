/// Brings flags, environment, configuration file and defaults into one argument list.
///
/// What the command line does not give is taken from the environment, then from the file, then from what the environment
/// gives as a default, and added as arguments; the command's own parser then reads one list and applies its defaults. A
/// list comes from one source only: the highest that gives it.
package enum ArgumentSources {
    /// - Parameters:
    ///   - arguments: the command line without the program's name.
    ///   - environment: all variables; an empty one counts as absent, which compose files rely on.
    ///   - settings: the settings of this command (from the catalogue in ``Setting``).
    ///   - position: where to add, counted in `arguments`: after the names of subcommands.
    /// - Throws: a report of status `usage` that names the variable, or the file and its line.
    package static func resolve(
        arguments: [String], environment: [String: String], settings: [Setting], insertAt position: Int = 0
    ) throws(FailureReport) -> ResolvedArguments {
        let given = Set(options(in: arguments))
        // Asking for help must work with a broken environment.
        guard given.isDisjoint(with: ["--help", "-h", "--version"]) else {
            return ResolvedArguments(arguments: arguments, origins: [:])
        }
        var added: [String] = []
        var origins: [String: String] = [:]
        let file = try configFile(arguments: arguments, environment: environment)
        for setting in settings where !given.contains(setting.option) {
            var found = try value(of: setting, in: environment, as: setting.environmentVariable)
            if found == nil { found = try fileValue(of: setting, in: file) }
            if found == nil { found = try value(of: setting, in: environment, as: setting.defaultVariable) }
            guard let found else { continue }
            added += found.arguments
            origins[setting.option] = found.origin
        }
        var all = arguments
        all.insert(contentsOf: added, at: min(position, all.count))
        return ResolvedArguments(arguments: all, origins: origins)
    }

    private typealias Found = (arguments: [String], origin: String)

    // MARK: sources

    private static func options(in arguments: [String]) -> [String] {
        arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("-") }.map { argument in
            argument.firstIndex(of: "=").map { String(argument[..<$0]) } ?? argument
        }
    }

    private static func value(
        of setting: Setting, in environment: [String: String], as variable: String
    ) throws(FailureReport) -> Found? {
        guard let value = environment[variable], !value.isEmpty else { return nil }
        switch setting.kind {
        case .text:
            // For other commands the variable is a list.
            guard !value.contains(",") || !Setting.isList(setting.name) else {
                throw FailureReport(
                    "\(variable): this command takes one \(setting.name), not '\(SafeText.line(value))'; "
                        + "name it with \(setting.option)", status: .usage)
            }
            return (setting.arguments([value]), variable)
        case .list:
            return (setting.arguments(value.split(separator: ",").map(trimmed).filter { !$0.isEmpty }), variable)
        case .flag:
            guard let isOn = truth(of: value) else {
                throw FailureReport("\(variable): '\(SafeText.line(value))' is neither true nor false", status: .usage)
            }
            return (isOn ? [setting.option] : [], variable)
        }
    }

    private static func fileValue(of setting: Setting, in file: ConfigFile?) throws(FailureReport) -> Found? {
        // A file that only services read may have the flag's word as well.
        guard let file, let entry = file.entries[setting.name] ?? file.entries[String(setting.option.dropFirst(2))]
        else { return nil }
        let origin = "\(file.path):\(entry.line)"
        switch (setting.kind, entry.value) {
        case (.text, .text(let value)), (.list, .text(let value)): return (setting.arguments([value]), origin)
        case (.list, .list(let values)): return (setting.arguments(values), origin)
        case (.flag, .text(let value)):
            guard let isOn = truth(of: value) else {
                let message = "'\(setting.name)' must be true or false, not '\(SafeText.line(value))'"
                throw file.problem(message, line: entry.line)
            }
            return (isOn ? [setting.option] : [], origin)
        case (.text, .list), (.flag, .list):
            throw file.problem("'\(setting.name)' takes one value, not a list", line: entry.line)
        }
    }

    // MARK: the file

    private static func configFile(
        arguments: [String], environment: [String: String]
    ) throws(FailureReport) -> ConfigFile? {
        let fromEnvironment = environment[Setting.config.environmentVariable].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = configPath(in: arguments) ?? fromEnvironment else { return nil }
        let file = try ConfigFile.read(path)
        let known = Setting.catalogue.map(\.name)
        for (name, entry) in file.entries.sorted(by: { $0.value.line < $1.value.line }) where !known.contains(name) {
            let hint = Suggestion.nearest(to: name, among: known).map { " (did you mean '\($0)'?)" } ?? ""
            throw file.problem("unknown setting '\(SafeText.line(name))'\(hint)", line: entry.line)
        }
        return file
    }

    private static func configPath(in arguments: [String]) -> String? {
        let own = Array(arguments.prefix { $0 != "--" })
        let prefix = Setting.config.option + "="
        for (index, argument) in own.enumerated().reversed() {
            if argument.hasPrefix(prefix) { return String(argument.dropFirst(prefix.count)) }
            if argument == Setting.config.option, index + 1 < own.count { return own[index + 1] }
        }
        return nil
    }

    // MARK: words

    private static func truth(of value: String) -> Bool? {
        switch value.lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}

extension Setting {
    fileprivate func arguments(_ values: [String]) -> [String] { values.map { option + "=" + $0 } }
}

/// A command line that needs no other source any more.
package struct ResolvedArguments: Sendable {
    package let arguments: [String]
    /// Where an option that is not on the command line comes from: a variable's name or `file:line`.
    package let origins: [String: String]

    /// The parser's message, with the source of every option that it names and the user did not type.
    package func annotated(_ message: String) -> String {
        let named = origins.filter { option, _ in message.contains("'\(option)") || message.contains("\(option) ") }
        let notes = named.sorted { $0.key < $1.key }.map { "(\($0.key) is set by \($0.value))" }
        return ([message] + notes).joined(separator: "\n")
    }
}
