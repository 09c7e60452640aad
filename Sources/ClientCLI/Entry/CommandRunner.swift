import ArgumentParser
import Bus
import BusClient
import Glibc
import Messages
import ServiceRuntime

@main
enum Main {
    static func main() async {
        StandardStreams.prepare()
        await CommandRunner.run(Array(CommandLine.arguments.dropFirst()), environment: Environment.current)
    }
}

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
            // It repeats arguments, which a script may have from anybody.
            var message = SafeText.lines(path.corrected(RootCommand.fullMessage(for: error)))
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

/// Which exit status an error has.
enum Failures {
    static func report(_ error: any Error) -> FailureReport {
        switch error {
        case let error as MessageError: FailureReport(error.message, status: .refused)
        case let error as KeyError:
            FailureReport(error.message, status: error.code == .nameMalformed ? .usage : .failed)
        case let error as BusError: report(error)
        default: FailureReport(describing: error)
        }
    }

    /// For the commands that ask.
    static func report(_ error: BusError) -> FailureReport { FailureReport(SafeText.line(error.message)) }

    /// For `send`: where nobody answered in time, nothing is acknowledged in time; where the other side said no, the
    /// message is refused, unless it only had no room.
    static func sendReport(_ error: BusError) -> FailureReport {
        let status: ExitStatus =
            switch error.code {
            case .noRouter, .timedOut: .notAcknowledged
            case .refused: error.refusal?.code == Failures.busy ? .failed : .refused
            default: .failed
            }
        return FailureReport(SafeText.line(error.message), status: status)
    }

    /// Of an answer to a question or a control: a full disk is no refusal.
    static func status(of refusal: Refusal) -> ExitStatus {
        let isTrouble = refusal.code == busy || refusal.code.hasPrefix("backup_") || refusal.code.hasPrefix("store_")
        return isTrouble ? .failed : .refused
    }

    /// The code of a refusal that is not about the message.
    private static let busy = "busy"
}
