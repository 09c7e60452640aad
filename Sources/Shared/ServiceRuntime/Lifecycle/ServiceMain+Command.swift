import Glibc

extension ServiceMain {
    /// What a parser says about an error: the text, and 0 if it is the answer to `--help` or `--version`.
    package typealias Explanation = (message: String, exitCode: Int32)

    /// Reads the command line with the environment and the configuration file merged in, or ends the process:
    /// help on standard output with exit 0, anything wrong on standard error with exit 2.
    ///
    /// ```swift
    /// let options = ServiceMain.parse(
    ///     "p2pmsg-router", settings: [.bus, .udp], using: { try RouterOptions.parse($0) },
    ///     explain: { (RouterOptions.fullMessage(for: $0), RouterOptions.exitCode(for: $0).rawValue) })
    /// ```
    /// The parser is passed as closures, so that this module needs none.
    package static func parse<Command>(
        _ command: String, settings: [Setting],
        arguments: [String] = Array(CommandLine.arguments.dropFirst()),
        environment: [String: String] = Environment.current,
        using parse: ([String]) throws -> Command, explain: (any Error) -> Explanation
    ) -> Command {
        let resolved: ResolvedArguments
        do throws(FailureReport) {
            resolved = try ArgumentSources.resolve(arguments: arguments, environment: environment, settings: settings)
        } catch {
            end(command, because: error)
        }
        do {
            return try parse(resolved.arguments)
        } catch {
            end(explaining: explain(error), origins: resolved)
        }
    }

    /// Prints what the parser said and ends the process with 0 (help), 2 (usage), or 1 (help that could not be written).
    package static func end(explaining explanation: Explanation, origins: ResolvedArguments? = nil) -> Never {
        if explanation.exitCode == 0 {
            end { () throws(OutputError) in try StandardStreams.out(explanation.message + "\n") }
        }
        StandardStreams.error((origins?.annotated(explanation.message) ?? explanation.message) + "\n")
        exit(ExitStatus.usage.rawValue)
    }

    /// Ends the process after its last words on standard output, with `status`. A reader that has gone is none of our
    /// business; anything else that keeps the words from where they should go is said, with status 1.
    package static func end(
        _ command: String = "p2pmsg", with status: ExitStatus = .done,
        saying lastWords: () throws(OutputError) -> Void = {}
    ) -> Never {
        do throws(OutputError) {
            try lastWords()
            try StandardStreams.finishOut()
        } catch {
            if error != .readerGone { end(command, because: error) }
        }
        exit(status.rawValue)
    }
}
