import ArgumentParser
import Glibc
import ServiceRuntime

/// From the command line to the exit status.
enum CommandRunner {
    static func run(_ arguments: [String], environment: [String: String]) async -> Never {
        let parsed: Parsed
        do throws(FailureReport) {
            try ArgumentBytes.check(ArgumentBytes.own, arguments: arguments)
            parsed = try parse(arguments, environment: environment)
        } catch {
            ServiceMain.end("p2pmsg", because: error)
        }
        switch parsed {
        case .answer(let explanation, let origins): ServiceMain.end(explaining: explanation, origins: origins)
        case .command(var command):
            // Before anything is said.
            if let up = command as? UpCommand { Log.use(up.logFormat) }
            for warning in UnknownVariables.warnings(environment: environment) {
                Log.say(warning, command: "p2pmsg", level: .warning)
            }
            do { try await command.run() } catch { end(because: error) }
            ServiceMain.end()
        }
    }

    enum Parsed {
        case command(any ClientCommand)
        /// Help, the version, or what is wrong.
        case answer(ServiceMain.Explanation, ResolvedArguments)
    }

    /// - Throws: a report when the environment or the configuration file is wrong, or what begins with a dash may be a text
    ///   or a mistyped option.
    static func parse(_ arguments: [String], environment: [String: String]) throws(FailureReport) -> Parsed {
        let path = CommandPath(of: arguments)
        let dashed = DashedArguments(path)
        let arranged = try dashed.arranged(arguments)
        let resolved = try ArgumentSources.resolve(
            arguments: arranged, environment: environment, settings: path.settings, insertAt: path.length)
        if let explanation = path.explanationOfUnknown(in: arguments) { return .answer(explanation, resolved) }
        do {
            var command = try RootCommand.parseAsRoot(resolved.arguments)
            switch command {
            case let command as any ClientCommand: return .command(command)
            // `p2pmsg` and `p2pmsg key` alone.
            case is any AsyncParsableCommand:
                return .answer((RootCommand.helpMessage(for: type(of: command)), 0), resolved)
            // The parser's own command for --help; its run throws the help.
            default: try command.run()
            }
            return .answer((RootCommand.helpMessage(), 0), resolved)
        } catch {
            var message = path.corrected(RootCommand.fullMessage(for: error))
            let code = RootCommand.exitCode(for: error).rawValue
            if code != 0, let hint = dashed.hint(about: arguments) { message += "\n" + hint }
            return .answer((message, code), resolved)
        }
    }

    private static func end(because error: any Error) -> Never {
        if let ended = error as? EndedWith { ServiceMain.end(with: ended.status) }
        if let problem = error as? OutputError { ServiceMain.end { () throws(OutputError) in throw problem } }
        ServiceMain.end("p2pmsg", because: Failures.report(error))
    }
}

/// Thrown by a command that has said all there is to say.
struct EndedWith: Error {
    let status: ExitStatus
}
